pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Controls
import Kiosk.Blocks

// What a service shows, block by block. What fits on the screen is made first, the rest in the frames after it.
Frame {
    id: screen
    property var f: ({})
    readonly property var blocks: f.blocks ?? []
    readonly property string of: f.of ?? ""
    readonly property var begins: {     // how many parts stand before each block; its rows count by sixes
        let parts = 0
        return blocks.map(block => {
            const begin = parts
            parts += 1 + Math.ceil((block.rows ?? []).length / 6)
            return begin
        }).concat([parts])
    }
    readonly property int all: begins[begins.length - 1] ?? 0
    property int built: 0
    readonly property bool whole: built >= all
    title: f.title ?? ""
    lead: (f.problem ?? "") === "" ? f.text ?? "" : ""   // what went wrong needs the room
    actions: [f.back ?? {}]
    place: of
    foot: f.paper ?? ""
    footBad: f.paperBad ?? false
    announcement: f.problem ?? ""
    Accessible.id: "page-content"
    onOfChanged: built = 4
    onVisibleChanged: if (!visible) leaving.start(); else if (built === 0) built = 4
    readonly property Timer growing: Timer { interval: 1; repeat: true; running: screen.visible && !screen.whole; onTriggered: screen.built += 2 }
    readonly property Timer leaving: Timer { interval: 300; onTriggered: if (!screen.visible) screen.f = ({}) }
    readonly property var kinds: ({ paragraph: paragraph, notice: notice, facts: facts, table: table, bars: bars, timeline: timeline, way: way, doors: doors })
    Component { id: paragraph; ParagraphBlock {} }
    Component { id: notice; NoticeBlock {} }
    Component { id: facts; FactsBlock {} }
    Component { id: table; TableBlock {} }
    Component { id: bars; BarsBlock {} }
    Component { id: timeline; TimelineBlock {} }
    Component { id: way; WayBlock {} }
    Component { id: doors; DoorsBlock {} }
    Notice { Layout.fillWidth: true; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "content-problem" }
    Repeater {
        model: screen.blocks.length
        Loader {
            id: loader
            required property int index
            readonly property var spec: screen.blocks[index] ?? ({})
            readonly property string kind: spec.kind === "paragraph" && spec.tone !== "plain" ? "notice" : spec.kind ?? ""
            Layout.fillWidth: true
            active: (screen.begins[index] ?? 0) < screen.built
            sourceComponent: screen.kinds[kind] ?? null
            onLoaded: {
                item.spec = Qt.binding(() => loader.spec)
                item.place = Qt.binding(() => loader.index)
                item.built = Qt.binding(() => Math.max(1, screen.built - (screen.begins[loader.index] ?? 0)))
            }
        }
    }
    Spring {}
}
