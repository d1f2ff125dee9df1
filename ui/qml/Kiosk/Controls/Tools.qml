pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Kiosk.Style

// The permanent controls, always in the same place.
Rectangle {
    id: bar
    property var controls: []
    readonly property int most: 7        // one of them is not always there; the others stay where they are
    readonly property bool twoRows: Style.portrait && Style.large
    implicitHeight: Style.dp(twoRows ? 236 : 152)
    implicitWidth: Style.dp(Style.large ? 300 : 212)
    color: Style.surface
    GridLayout {
        anchors.fill: parent
        columns: Style.portrait ? (bar.twoRows ? 4 : bar.most) : 1
        rowSpacing: 0
        columnSpacing: 0
        Repeater {
            model: Math.max(bar.most, bar.controls.length)
            T.Button {
                id: tool
                required property int index
                readonly property var spec: bar.controls[index] ?? ({})
                readonly property bool on: spec.on ?? false
                readonly property bool there: spec.id !== undefined
                opacity: there ? 1 : 0
                enabled: there
                Accessible.ignored: !there
                focusPolicy: Qt.StrongFocus
                hoverEnabled: false
                text: spec.text ?? ""
                Accessible.role: Accessible.Button
                Accessible.name: text
                Accessible.id: spec.id ?? ""
                Accessible.checkable: true
                Accessible.checked: on
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                Layout.fillHeight: true
                Layout.preferredHeight: 1
                onClicked: Door.press(spec.id, spec.act, "", 500)
                background: Rectangle {
                    color: tool.down || tool.on ? Style.tint : "transparent"
                    border.width: tool.visualFocus ? Style.dp(6) : 0
                    border.color: Style.focus
                    Rectangle { visible: tool.on; width: Style.portrait ? parent.width : Style.dp(8); height: Style.portrait ? Style.dp(8) : parent.height; color: Style.primary }
                }
                contentItem: Item {
                    GridLayout {
                        anchors.centerIn: parent
                        width: Math.min(implicitWidth, parent.width - Style.dp(16))
                        columns: bar.twoRows ? 2 : 1
                        rowSpacing: Style.dp(2)
                        columnSpacing: Style.dp(16)
                        Icon { Layout.alignment: Qt.AlignCenter; name: tool.spec.icon ?? ""; tone: Style.primary; size: Style.dp(54) }
                        Label {
                            Layout.fillWidth: true
                            Layout.alignment: Qt.AlignCenter
                            text: tool.text
                            color: Style.text
                            font.pixelSize: Style.upTo(26, Style.portrait ? 38 : 40)
                            horizontalAlignment: bar.twoRows ? Text.AlignLeft : Text.AlignHCenter
                            lineHeight: 0.95
                            Accessible.ignored: true
                        }
                    }
                }
            }
        }
    }
    Rectangle { width: Style.portrait ? parent.width : Style.dp(2); height: Style.portrait ? Style.dp(2) : parent.height; color: Style.line }
}
