pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// What can be done here, what works now, and what is known of the person, with its age. A few services stand large and by
// themselves; many are found by what happened, or among all of them, in columns. The first dozen tiles exist before
// anybody comes; what does not fit on the screen comes in the frames after the first. A tile that was made once stays,
// unseen while a shorter menu is shown: to fill it anew costs a twentieth of making it.
Frame {
    id: screen
    property var f: ({})
    property var shown: ({ tiles: [], places: [] })     // the services, and which of them each tile stands for (-1: none)
    readonly property var tiles: shown.tiles
    readonly property var facts: f.facts ?? []
    readonly property var events: f.events ?? []
    property int asked: 0               // as many events as there ever were
    property int known: 0               // as many facts as there ever were
    onFactsChanged: known = Math.max(known, facts.length)
    onEventsChanged: asked = Math.max(asked, events.length)
    readonly property bool many: tiles.length > 4
    readonly property int first: 12
    property string filledFor: ""
    property int filled: first          // so many tiles of this menu may be seen by now
    readonly property bool whole: filled >= tiles.length
    readonly property int across: Style.large ? (Style.portrait ? 1 : 2) : many ? (Style.portrait ? 2 : 3) : Style.portrait ? 1 : 2
    title: f.title ?? ""
    lead: (f.problem ?? "") === "" ? (f.text ?? "") : ""   // what is wrong needs the room
    actions: f.actions ?? []
    announcement: f.problem ?? ""
    Accessible.id: "page-menu"
    readonly property Timer growing: Timer {
        interval: 1
        repeat: true
        running: screen.visible && !screen.whole
        onTriggered: {
            screen.grow(Math.min(screen.tiles.length, screen.filled + screen.first))
            screen.filled += screen.first
        }
    }
    onFChanged: {       // in this order: another menu begins with its first dozen
        const tiles = f.tiles ?? []
        const key = f.of + " " + tiles.length
        if (key !== filledFor) {
            filledFor = key
            filled = first
        }
        shown = { tiles: tiles, places: asTheyAre(tiles) ?? tiles.map((tile, place) => place) }
    }
    function asTheyAre(tiles: var): var {   // the places of services whose tiles are all there, in their order
        const places = []
        for (let place = 0; place < tiles.length; place++) {
            while (places.length < made.count && (every.itemAt(places.length) as Tile)?.spec.id !== tiles[place].id)
                places.push(-1)
            if (places.length === made.count)
                return null
            places.push(place)
        }
        return places
    }
    function alike(one: var, other: var): bool {
        for (const name in one)
            if (one[name] !== other[name])
                return false
        return true
    }
    function grow(count: int) {
        while (made.count < count)
            made.append({ number: made.count })
    }
    ListModel { id: made }
    Component.onCompleted: grow(first)
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
            model: screen.asked
            PushButton {
                required property int index
                readonly property var event: screen.events[index] ?? null
                onEventChanged: if (event !== null && !screen.alike(event, spec)) spec = event     // as a tile
                visible: event !== null
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
        Repeater {
            id: every
            model: made
            Tile {
                id: tile
                required property int index
                readonly property int place: screen.shown.places[index] ?? -1
                readonly property var service: place >= 0 && place < screen.filled ? screen.shown.tiles[place] ?? null : null
                onServiceChanged: if (service !== null && !screen.alike(service, spec)) spec = service     // one that is not seen keeps what it said
                visible: service !== null
                small: screen.many && !Style.large
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredHeight: Math.max(implicitHeight, Style.dp(screen.many ? 176 : Style.portrait ? 236 : 220))
                Layout.preferredWidth: 1
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
                model: screen.known
                RowLayout {
                    id: fact
                    required property int index
                    readonly property var fresh: screen.facts[index] ?? null
                    property var spec: ({})
                    onFreshChanged: if (fresh !== null) spec = fresh    // one that is not seen keeps what it said
                    visible: fresh !== null
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
