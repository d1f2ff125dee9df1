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
    property real room: Style.dp(600)   // height that may be used
    readonly property var rows: [["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"],
        ["Q", "W", "E", "R", "T", "Y", "U", "I", "O", "P"],
        ["A", "S", "D", "F", "G", "H", "J", "K", "L", "-"],
        ["clear", "Z", "X", "C", "V", "B", "N", "M", slash ? "/" : ".", "backspace"]]
    readonly property real fitting: (room - Style.dp(32 + 36)) / 4
    readonly property real keyHeight: Math.max(Style.dp(92), Math.min(fitting, Style.dp(Style.large ? 96 : Style.portrait ? 104 : 116)))
    color: Style.highContrast ? "#111111" : "#dbe4eb"
    radius: Style.radius
    implicitHeight: 4 * keyHeight + Style.dp(32 + 36)
    Accessible.role: Accessible.Pane
    Accessible.name: texts.name ?? ""
    Accessible.id: "keyboard"
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Style.dp(16)
        spacing: Style.dp(12)
        Repeater {
            model: 4
            RowLayout {
                id: line
                required property int index
                readonly property var caps: keyboard.rows[index]
                spacing: Style.dp(10)
                Repeater {
                    model: 10
                    T.Button {
                        id: key
                        required property int index
                        readonly property string cap: line.caps[index]
                        readonly property bool wide: cap.length > 1
                        Layout.fillWidth: true
                        Layout.fillHeight: true
                        Layout.preferredWidth: wide ? 15 : 10
                        hoverEnabled: false
                        autoRepeat: false
                        focusPolicy: Qt.TabFocus
                        text: wide ? keyboard.texts[cap] ?? "" : cap
                        Accessible.role: Accessible.Button
                        Accessible.name: text
                        Accessible.id: "key-" + cap
                        property bool held: false
                        property bool wished: false
                        onPressed: {
                            held = true
                            wished = Door.anew(cap)
                        }
                        onReleased: Door.left(cap)
                        onCanceled: {
                            held = false
                            Door.left(cap)
                        }
                        onClicked: {   // without a press where assistive technology acts on the key
                            const counts = held ? wished : Door.anew(cap)
                            if (!held)
                                Door.left(cap)
                            held = false
                            if (counts)
                                Door.strike(cap)
                        }
                        background: Item {
                            Rectangle { anchors.fill: parent; anchors.topMargin: Style.dp(5); radius: Style.dp(14); color: "#aebcc7"; visible: !Style.highContrast }
                            Rectangle {
                                anchors.fill: parent
                                anchors.bottomMargin: key.down ? 0 : Style.dp(5)
                                radius: Style.dp(14)
                                color: key.down ? Style.primary : key.wide ? (Style.highContrast ? "#222222" : "#c4d1db") : Style.surface
                                border.width: key.visualFocus ? Style.dp(6) : Style.highContrast ? Style.dp(3) : 0
                                border.color: key.visualFocus ? Style.focus : Style.line
                            }
                        }
                        contentItem: Item {
                            Icon { anchors.centerIn: parent; visible: name !== ""; name: key.cap === "backspace" ? "delete" : key.cap === "clear" ? "x" : ""; tone: key.down ? Style.primaryInk : Style.text; size: Style.dp(52) }
                            Label { anchors.centerIn: parent; visible: !key.wide; text: key.cap; font.pixelSize: Style.upTo(46, 64); font.weight: Font.Bold; color: key.down ? Style.primaryInk : Style.text; Accessible.ignored: true }
                        }
                    }
                }
            }
        }
    }
}
