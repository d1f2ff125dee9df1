pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Kiosk.Style

// Our own keyboard: large keys, visible to assistive technology. Numbers and codes have one layout everywhere, words
// the letters of the person's language; another key turns to signs, to capitals, to the letters of the next language.
Rectangle {
    id: keyboard
    property var texts: ({})
    property string kind: "account"
    property string language: "en"
    property var languages: []
    property bool capital: false        // the next letter begins something
    property real room: Style.dp(600)   // height that may be used
    property int lines: rows.length     // how many keys there are at most, where the kind changes
    property int across: 10
    property bool signed: false
    property bool turned: false         // shift was pressed
    property string letters: language
    readonly property bool large: capital !== turned
    readonly property var rows: Caps.rows(kind, letters, signed, languages.length > 1)
    readonly property real between: Style.dp(rows.length > 4 ? 10 : 12)
    readonly property real fitting: (room - Style.dp(32) - (rows.length - 1) * between) / rows.length
    readonly property real keyHeight: Math.max(Style.dp(rows.length > 4 ? 76 : 92), Math.min(fitting, Style.dp(Style.large ? 96 : Style.portrait ? 104 : 116)))
    color: Style.highContrast ? "#111111" : "#dbe4eb"
    radius: Style.radius
    implicitHeight: rows.length * keyHeight + Style.dp(32) + (rows.length - 1) * between
    Accessible.role: Accessible.Pane
    Accessible.name: texts.name ?? ""
    Accessible.id: "keyboard"
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    onKindChanged: signed = turned = false
    onLanguageChanged: letters = language
    function struck(cap: string) {
        if (cap === "shift") {
            turned = !turned
        } else if (cap === "signs" || cap === "letters") {
            signed = cap === "signs"
        } else if (cap === "language") {
            letters = languages[(languages.indexOf(letters) + 1) % languages.length]
            signed = turned = false
        } else {
            turned = false
            Door.strike(cap === "space" ? " " : cap)
        }
    }
    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Style.dp(16)
        spacing: keyboard.between
        Repeater {
            model: keyboard.lines
            RowLayout {
                id: line
                required property int index
                readonly property var caps: keyboard.rows[index] ?? []
                spacing: Style.dp(caps.length > 10 ? 7 : 10)
                visible: caps.length > 0
                Repeater {
                    model: keyboard.across
                    T.Button {
                        id: key
                        required property int index
                        readonly property string cap: line.caps[index] ?? ""
                        readonly property bool wide: cap.length > 1
                        readonly property string shown: !wide && keyboard.large ? cap.toUpperCase() : cap
                        readonly property bool lit: down || (cap === "shift" && keyboard.large)
                        visible: cap !== ""
                        Layout.fillWidth: true
                        Layout.fillHeight: true
                        Layout.preferredWidth: wide && line.caps.length > 3 ? Caps.widths[cap] : 10
                        hoverEnabled: false
                        autoRepeat: false
                        focusPolicy: Qt.TabFocus
                        text: wide ? keyboard.texts[cap] ?? "" : shown
                        Accessible.role: Accessible.Button
                        Accessible.name: text
                        Accessible.id: cap !== "" ? "key-" + cap : ""
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
                                keyboard.struck(wide ? cap : shown)
                        }
                        background: Item {
                            Rectangle { anchors.fill: parent; anchors.topMargin: Style.dp(5); radius: Style.dp(14); color: "#aebcc7"; visible: !Style.highContrast }
                            Rectangle {
                                anchors.fill: parent
                                anchors.bottomMargin: key.down ? 0 : Style.dp(5)
                                radius: Style.dp(14)
                                color: key.lit ? Style.primary : key.wide && key.cap !== "space" ? (Style.highContrast ? "#222222" : "#c4d1db") : Style.surface
                                border.width: key.visualFocus ? Style.dp(6) : Style.highContrast ? Style.dp(3) : 0
                                border.color: key.visualFocus ? Style.focus : Style.line
                            }
                        }
                        contentItem: Item {
                            readonly property var icons: ({ backspace: "delete", clear: "x", shift: "arrow-big-up", language: "languages", space: "space", enter: "corner-down-left" })
                            Icon { anchors.centerIn: parent; visible: name !== ""; name: parent.icons[key.cap] ?? ""; tone: key.lit ? Style.primaryInk : Style.text; size: Style.dp(52); mirror: false }
                            Label {
                                anchors.fill: parent
                                verticalAlignment: Text.AlignVCenter
                                visible: key.cap !== "" && (!key.wide || key.cap === "signs" || key.cap === "letters")
                                text: visible ? key.text : ""
                                font.pixelSize: key.wide ? Style.dp(36) : Style.upTo(46, line.caps.length > 10 ? 50 : 64)
                                font.weight: Font.Bold
                                color: key.lit ? Style.primaryInk : Style.text
                                horizontalAlignment: Text.AlignHCenter
                                wrapMode: Text.NoWrap
                                Accessible.ignored: true
                            }
                        }
                    }
                }
            }
        }
    }
}
