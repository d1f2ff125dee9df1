import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Kiosk.Style

// A service of the menu: its name, and what works now.
T.Button {
    id: control
    property var spec: ({})
    readonly property color stateTone: spec.state === "now" ? Style.ok : Style.warn
    text: spec.text ?? ""
    focusPolicy: Qt.StrongFocus
    hoverEnabled: false
    implicitHeight: Math.max(Style.dp(190), body.implicitHeight + Style.dp(64))
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.description: spec.sub ?? ""
    Accessible.id: spec.id ?? ""
    onClicked: Door.press(spec.id, spec.act, spec.argument, 500)
    background: Item {
        Rectangle {
            anchors.fill: parent
            anchors.topMargin: Style.dp(6)
            radius: Style.radius
            color: "#d3dde5"
            visible: !control.down && !Style.highContrast
        }
        Rectangle {
            anchors.fill: parent
            anchors.bottomMargin: control.down ? 0 : Style.dp(6)
            radius: Style.radius
            color: control.down ? Style.tint : Style.surface
            border.width: Style.dp(Style.highContrast ? 4 : 2)
            border.color: control.down ? Style.primary : Style.line
        }
        Rectangle {
            anchors.fill: parent
            anchors.margins: -Style.dp(9)
            radius: Style.radius + Style.dp(9)
            color: "transparent"
            border.width: Style.dp(6)
            border.color: Style.focus
            visible: control.visualFocus
        }
    }
    contentItem: Item {
        RowLayout {
            id: body
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.margins: Style.dp(36)
            spacing: Style.dp(32)
            Rectangle {
                Layout.preferredWidth: Style.dp(108)
                Layout.preferredHeight: Style.dp(108)
                radius: Style.dp(26)
                color: Style.tint
                Icon { anchors.centerIn: parent; name: control.spec.icon ?? ""; tone: Style.primary; size: Style.dp(62) }
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: Style.dp(10)
                Label { Layout.fillWidth: true; text: control.text; font.weight: Font.Bold; font.pixelSize: Style.sp(38); Accessible.ignored: true }
                RowLayout {
                    Layout.fillWidth: true
                    spacing: Style.dp(12)
                    Icon { name: control.spec.state === "now" ? "circle-check" : "clock"; tone: control.stateTone; size: Style.dp(34); Layout.alignment: Qt.AlignTop; Layout.topMargin: Style.dp(3) }
                    Label { Layout.fillWidth: true; text: control.spec.sub ?? ""; kind: "small"; color: Style.muted; Accessible.ignored: true }
                }
            }
            Icon { name: "chevron-right"; tone: Style.primary; size: Style.dp(56) }
        }
    }
}
