import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Kiosk.Style

// A service of the menu: its name, and what works now.
T.Button {
    id: control
    property var spec: ({})
    property bool small: false          // one of many: smaller picture and type, no arrow
    readonly property bool worksNow: spec.state === "now"
    text: spec.text ?? ""
    focusPolicy: Qt.StrongFocus
    hoverEnabled: false
    implicitHeight: Math.max(Style.dp(small ? 160 : 208), body.implicitHeight + Style.dp(small ? 44 : 72))
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.description: [spec.agency ?? "", spec.sub ?? ""].filter(text => text !== "").join(". ")
    Accessible.id: spec.id ?? ""
    onClicked: Door.press(spec.id, spec.act, spec.argument, 500)
    background: Item {
        Rectangle {
            anchors.fill: parent
            anchors.topMargin: Style.dp(6)
            radius: Style.radius
            color: Style.shade
            visible: !control.down && !Style.highContrast
        }
        Rectangle {
            anchors.fill: parent
            anchors.bottomMargin: control.down ? 0 : Style.dp(6)
            radius: Style.radius
            color: control.down ? Style.tint : Style.surface
            border.width: Style.dp(Style.highContrast ? 4 : 2)
            border.color: control.down ? Style.primary : Style.highContrast ? Style.line : Style.edge
        }
        FocusRing { visible: control.visualFocus }
    }
    contentItem: Item {
        RowLayout {
            id: body
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.leftMargin: Style.dp(control.small ? 24 : Style.large ? 28 : 40)
            anchors.rightMargin: Style.dp(control.small ? 16 : Style.large ? 20 : 32)
            spacing: Style.dp(control.small ? 20 : Style.large ? 24 : 36)
            Rectangle {
                Layout.preferredWidth: Style.dp(control.small ? 80 : 116)
                Layout.preferredHeight: Layout.preferredWidth
                Layout.alignment: Qt.AlignTop
                radius: Style.dp(control.small ? 22 : 30)
                color: Style.tint
                Icon { anchors.centerIn: parent; name: control.spec.icon ?? ""; tone: Style.primary; size: Style.dp(control.small ? 48 : 66) }
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: Style.dp(control.small ? 6 : 10)
                Label { visible: text !== ""; Layout.fillWidth: true; text: control.spec.agency ?? ""; kind: "small"; font.pixelSize: Style.sp(26); Accessible.ignored: true }
                Label { Layout.fillWidth: true; text: control.text; font.weight: Font.Bold; font.pixelSize: Style.sp(control.small ? 32 : 38); Accessible.ignored: true }
                RowLayout {
                    Layout.fillWidth: true
                    spacing: Style.dp(14)
                    Icon { name: control.worksNow ? "circle-check" : "clock"; tone: control.worksNow ? Style.ok : Style.warn; size: Style.upTo(control.small ? 32 : 36, 64); Layout.alignment: Qt.AlignTop; Layout.topMargin: Style.dp(2) }
                    Label { Layout.fillWidth: true; text: control.spec.sub ?? ""; kind: "small"; font.pixelSize: Style.sp(control.small ? 26 : 30); color: control.worksNow ? Style.ok : Style.warn; Accessible.ignored: true }
                }
            }
            Icon { visible: !control.small; name: "chevron-right"; tone: Style.primary; size: Style.dp(60) }
        }
    }
}
