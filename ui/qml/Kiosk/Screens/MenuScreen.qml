pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// What can be done here, what works now, and what is known of the person, with its age. A few services stand large and by
// themselves; many are found by what happened, or among all of them, in columns. The first dozen tiles exist before
// anybody comes; what does not fit on the screen is made in the frames after the first.
Frame {
    id: screen
    property var f: ({})
    readonly property var tiles: f.tiles ?? []
    readonly property var facts: f.facts ?? []
    readonly property var events: f.events ?? []
    readonly property string of: f.of ?? ""
    readonly property bool many: tiles.length > 4
    readonly property int first: 12
    readonly property string key: of + " " + tiles.length
    property string grownFor: ""   // how far this very menu has grown; another one begins with its first dozen
    property int grown: first
    readonly property bool whole: built(tiles) >= tiles.length
    readonly property int across: Style.large ? (Style.portrait ? 1 : 2) : many ? (Style.portrait ? 2 : 3) : Style.portrait ? 1 : 2
    title: f.title ?? ""
    lead: (f.problem ?? "") === "" ? (f.text ?? "") : ""   // what is wrong needs the room
    actions: f.actions ?? []
    announcement: f.problem ?? ""
    Accessible.id: "page-menu"
    function built(shown: var): int {   // asked with the tiles themselves: a key of the menu before must not count for these
        return grownFor === of + " " + shown.length ? grown : first
    }
    readonly property Timer growing: Timer {
        interval: 1
        repeat: true
        running: screen.visible && !screen.whole
        onTriggered: {
            const soFar = screen.built(screen.tiles)
            screen.grown = soFar + screen.first
            screen.grownFor = screen.key
        }
    }
    Notice { Layout.fillWidth: true; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "menu-problem" }
    Notice { Layout.fillWidth: true; text: screen.f.waits ?? ""; tone: "warn"; icon: "credit-card"; accessibleId: "menu-card-waits" }
    Notice { Layout.fillWidth: true; text: screen.f.absent ?? ""; tone: "warn"; icon: "info"; accessibleId: "menu-absent" }
    Notice { Layout.fillWidth: true; text: screen.f.closed ?? ""; tone: "warn"; icon: "circle-alert"; accessibleId: "menu-closed" }
    Notice { Layout.fillWidth: true; text: screen.f.empty ?? ""; icon: "info"; accessibleId: "menu-empty" }
    Label { visible: screen.events.length > 0; text: screen.f.eventsTitle ?? ""; kind: "h2"; Layout.fillWidth: true; Accessible.id: "menu-events" }
    GridLayout {
        visible: screen.events.length > 0
        Layout.fillWidth: true
        Layout.fillHeight: false
        columns: Style.large ? (Style.portrait ? 1 : 2) : Style.portrait ? 2 : 4
        columnSpacing: Style.dp(20)
        rowSpacing: Style.dp(20)
        Repeater {
            model: screen.events.length
            PushButton {
                required property int index
                spec: screen.events[index] ?? ({})
                slim: true
                pixels: Style.sp(30)
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
                Layout.preferredHeight: Math.max(implicitHeight, Style.dp(112))
            }
        }
    }
    Label { visible: screen.events.length > 0; text: screen.f.allTitle ?? ""; kind: "h2"; Layout.fillWidth: true; Layout.topMargin: Style.dp(12); Accessible.id: "menu-all" }
    GridLayout {
        id: grid
        Layout.fillWidth: true
        Layout.fillHeight: false
        columns: screen.across
        columnSpacing: Style.dp(screen.many ? 20 : 28)
        rowSpacing: columnSpacing
        component Place: Loader {
            id: place
            property int number: 0
            readonly property var spec: screen.tiles[number] ?? null
            visible: spec !== null && active
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredHeight: Math.max((item as Tile)?.implicitHeight ?? 0, Style.dp(screen.many ? 176 : Style.portrait ? 236 : 220))
            Layout.preferredWidth: 1
            sourceComponent: Tile { spec: place.spec ?? ({}); small: screen.many && !Style.large }
        }
        Repeater {
            model: screen.first
            Place { required property int index; number: index; active: true }
        }
        Repeater {   // the rest by dozens: nothing of a dozen is there before its turn
            model: Math.max(0, Math.ceil((screen.tiles.length - screen.first) / screen.first))
            Repeater {
                id: dozen
                required property int index
                readonly property int start: screen.first * (index + 1)
                model: Math.max(0, Math.min(screen.first, screen.tiles.length - start, screen.built(screen.tiles) - start))
                Place { required property int index; number: dozen.start + index; active: true }
            }
        }
    }
    Rectangle {
        Layout.fillWidth: true
        visible: screen.facts.length > 0
        implicitHeight: list.implicitHeight + Style.dp(Style.portrait ? 64 : 36)
        radius: Style.radius
        color: Style.tint
        border.width: Style.highContrast ? Style.dp(3) : 0
        border.color: Style.line
        GridLayout {
            id: list
            columns: Style.portrait || Style.large ? 1 : 2
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.leftMargin: Style.dp(36)
            anchors.rightMargin: Style.dp(36)
            columnSpacing: Style.dp(40)
            rowSpacing: Style.dp(18)
            Repeater {
                model: screen.facts.length
                RowLayout {
                    id: fact
                    required property int index
                    readonly property var spec: screen.facts[index] ?? ({})
                    Layout.fillWidth: true
                    Layout.alignment: Qt.AlignTop
                    Layout.preferredWidth: 1
                    spacing: Style.dp(24)
                    Icon { name: fact.spec.icon ?? ""; tone: Style.primary; size: Style.upTo(46, 70); Layout.alignment: Qt.AlignTop }
                    Label { text: fact.spec.text ?? ""; Layout.fillWidth: true; Layout.alignment: Qt.AlignVCenter; Accessible.id: "fact-" + fact.index }
                }
            }
        }
    }
    Spring {}
}
