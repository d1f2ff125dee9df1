pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Kiosk.Style

// The permanent controls, always in the same place.
Rectangle {
    id: bar
    property var controls: []
    implicitHeight: Style.dp(148)
    implicitWidth: Style.dp(208)
    color: Style.surface
    Rectangle { width: Style.portrait ? parent.width : Style.dp(2); height: Style.portrait ? Style.dp(2) : parent.height; color: Style.line }
    GridLayout {
        anchors.fill: parent
        columns: Style.portrait ? 6 : 1
        rowSpacing: 0
        columnSpacing: 0
        Repeater {
            model: bar.controls
            T.Button {
                id: tool
                required property var modelData
                focusPolicy: Qt.StrongFocus
                hoverEnabled: false
                text: modelData.text
                Accessible.role: Accessible.Button
                Accessible.name: text
                Accessible.id: modelData.id
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                Layout.fillHeight: true
                Layout.preferredHeight: 1
                onClicked: Door.press(modelData.id, modelData.act, "", 500)
                background: Rectangle {
                    color: tool.down || tool.modelData.on ? Style.tint : "transparent"
                    border.width: tool.visualFocus ? Style.dp(6) : 0
                    border.color: Style.focus
                    Rectangle { visible: tool.modelData.on; width: Style.portrait ? parent.width : Style.dp(8); height: Style.portrait ? Style.dp(8) : parent.height; color: Style.primary }
                }
                contentItem: Item {
                    Column {
                        anchors.centerIn: parent
                        width: parent.width - Style.dp(12)
                        spacing: Style.dp(4)
                        Icon { anchors.horizontalCenter: parent.horizontalCenter; name: tool.modelData.icon; tone: Style.primary; size: Style.dp(52) }
                        Label {
                            width: parent.width
                            text: tool.text
                            font.pixelSize: Style.dp(Style.large ? 29 : 26)
                            horizontalAlignment: Text.AlignHCenter
                            Accessible.ignored: true
                        }
                    }
                }
            }
        }
    }
}
