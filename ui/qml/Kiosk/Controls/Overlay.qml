pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// What lies over a page: languages, help, the call for staff, the idle warning.
Rectangle {
    id: overlay
    property var f: ({})
    readonly property string kind: f.kind ?? ""
    readonly property var icons: ({ language: "languages", help: "circle-help", staff: "hand", idle: "clock" })
    visible: kind !== ""
    color: Style.highContrast ? "#dd000000" : "#b3041c2b"
    MouseArea { anchors.fill: parent }
    Rectangle {
        anchors.centerIn: parent
        width: Math.min(parent.width - 2 * Style.pad, Style.dp(Style.portrait ? 968 : 1240))
        height: Math.min(parent.height - Style.dp(48), box.implicitHeight + Style.dp(112))
        radius: Style.dp(36)
        color: Style.ground
        border.width: Style.highContrast ? Style.dp(4) : 0
        border.color: Style.line
        Accessible.role: Accessible.Dialog
        Accessible.name: overlay.f.title ?? ""
        Accessible.id: "overlay-" + overlay.kind
        ColumnLayout {
            id: box
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.margins: Style.dp(56)
            spacing: Style.dp(28)
            RowLayout {
                Layout.fillWidth: true
                spacing: Style.dp(28)
                Rectangle {
                    Layout.preferredWidth: Style.dp(110)
                    Layout.preferredHeight: Style.dp(110)
                    Layout.alignment: Qt.AlignTop
                    radius: width / 2
                    color: Style.tint
                    Icon { anchors.centerIn: parent; name: overlay.icons[overlay.kind] ?? ""; tone: Style.primary; size: Style.dp(64) }
                }
                Label { text: overlay.f.title ?? ""; kind: "h1"; Layout.fillWidth: true; Accessible.id: "overlay-title" }
            }
            Label { visible: text !== ""; text: overlay.f.text ?? ""; Layout.fillWidth: true; Accessible.id: "overlay-text" }
            GridLayout {
                visible: overlay.kind === "language"
                Layout.fillWidth: true
                columns: Style.portrait ? 1 : 3
                columnSpacing: Style.dp(24)
                rowSpacing: Style.dp(24)
                Repeater {
                    model: overlay.f.languages ?? []
                    PushButton { required property var modelData; spec: modelData; Layout.fillWidth: true; Layout.preferredWidth: 1 }
                }
            }
            PushButton {
                Layout.fillWidth: true
                spec: ({ id: "overlay-close", text: overlay.f.close ?? "", act: "close", argument: "", variant: overlay.kind === "language" ? "secondary" : "primary", icon: "" })
            }
        }
    }
}
