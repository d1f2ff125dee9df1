pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Kiosk.Style

// Our own keyboard: large keys, visible to assistive technology, the same in every language because account
// numbers and codes are.
Rectangle {
    id: keyboard
    property var texts: ({})
    property bool slash: true
    readonly property var rows: [["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"],
        ["Q", "W", "E", "R", "T", "Y", "U", "I", "O", "P"],
        ["A", "S", "D", "F", "G", "H", "J", "K", "L", "-"],
        ["clear", "Z", "X", "C", "V", "B", "N", "M", slash ? "/" : ".", "backspace"]]
    color: Style.highContrast ? "#111111" : "#dbe4eb"
    radius: Style.radius
    implicitHeight: grid.implicitHeight + Style.dp(32)
    Accessible.role: Accessible.Pane
    Accessible.name: texts.name ?? ""
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    ColumnLayout {
        id: grid
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: Style.dp(16)
        spacing: Style.dp(12)
        Repeater {
            model: keyboard.rows
            RowLayout {
                id: line
                required property var modelData
                spacing: Style.dp(10)
                Repeater {
                    model: line.modelData
                    T.Button {
                        id: key
                        required property string modelData
                        readonly property bool wide: modelData.length > 1
                        Layout.fillWidth: true
                        Layout.preferredWidth: wide ? 15 : 10
                        implicitHeight: Style.dp(Style.portrait ? 112 : 100)
                        hoverEnabled: false
                        autoRepeat: false
                        focusPolicy: Qt.NoFocus
                        text: wide ? keyboard.texts[modelData] ?? "" : modelData
                        Accessible.role: Accessible.Button
                        Accessible.name: text
                        Accessible.id: "key-" + modelData
                        onClicked: Door.press("key-" + modelData, "key", modelData, 80)
                        background: Item {
                            Rectangle { anchors.fill: parent; anchors.topMargin: Style.dp(5); radius: Style.dp(14); color: "#aebcc7"; visible: !Style.highContrast }
                            Rectangle {
                                anchors.fill: parent
                                anchors.bottomMargin: key.down ? 0 : Style.dp(5)
                                radius: Style.dp(14)
                                color: key.down ? Style.primary : key.wide ? (Style.highContrast ? "#222222" : "#c4d1db") : Style.surface
                                border.width: Style.highContrast ? Style.dp(3) : 0
                                border.color: Style.line
                            }
                        }
                        contentItem: Item {
                            Icon { anchors.centerIn: parent; visible: name !== ""; name: key.modelData === "backspace" ? "delete" : key.modelData === "clear" ? "x" : ""; tone: key.down ? Style.primaryInk : Style.text; size: Style.dp(48) }
                            Label { anchors.centerIn: parent; visible: !key.wide; text: key.modelData; font.pixelSize: Style.dp(46); font.weight: Font.Bold; color: key.down ? Style.primaryInk : Style.text; Accessible.ignored: true }
                        }
                    }
                }
            }
        }
    }
}
