pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls
import Kiosk.Blocks

// What a service shows, block by block. What fits on the screen comes first, the rest in the frames after it. A block that
// leaves the page waits in the attic for the next page that has one of its kind: to fill it anew costs a twentieth of
// making it.
Frame {
    id: screen
    property var f: ({})
    readonly property string of: f.of ?? ""
    readonly property var heights: ({ facts: 56, table: 76, bars: 56, timeline: 92 })    // of a row, about, in type of normal size
    property var blocks: []
    property var begins: [0]            // how many parts stand before each block: itself and its rows
    property string shownOf: ""
    property var shown: []              // the blocks on the page, in their order
    property var waiting: ({})          // by kind
    property int built: 0
    readonly property real wide: width - 2 * Style.pad      // of the sheet, before the first layout
    readonly property bool whole: built >= begins[begins.length - 1]
    title: f.title ?? ""
    lead: (f.problem ?? "") === "" ? f.text ?? "" : ""   // what went wrong needs the room
    actions: [f.back ?? {}]
    place: of
    foot: f.paper ?? ""
    footBad: f.paperBad ?? false
    announcement: f.problem ?? ""
    Accessible.id: "page-content"
    onFChanged: {
        blocks = f.blocks ?? []
        const parts = [0]
        for (const block of blocks)
            parts.push(parts[parts.length - 1] + 1 + (block.rows ?? []).length)
        begins = parts
        if (f.of !== shownOf) {
            shownOf = f.of ?? ""
            built = first()
        }
        arrange()
    }
    readonly property Timer growing: Timer { interval: 1; repeat: true; running: screen.visible && !screen.whole; onTriggered: { screen.built += 12; screen.arrange() } }

    // How many parts the first frame has: by estimate those that are seen, and some more. What is missing comes a frame
    // later, what is too many is drawn for nobody.
    function first(): int {
        let room = height / (Style.u * Style.typeScale)
        let parts = 0
        for (const block of blocks) {
            const rows = block.rows ?? []
            const row = heights[block.kind]
            const each = row === undefined ? 0 : row + (rows[0]?.action?.text !== undefined && Style.portrait ? 100 : 0)
            room -= row !== undefined ? 130 : block.kind === "doors" ? 136 * rows.length : block.kind === "way" ? 240 : 90
            const fit = each > 0 ? Math.max(0, Math.min(rows.length, Math.ceil(room / each))) : rows.length
            room -= fit * each
            parts += 1 + fit
            if (room < 0)
                break
        }
        return parts
    }
    function kindOf(block: var): string {
        if (block.kind === "paragraph" && block.tone !== "plain")
            return "notice"
        return block.kind === "table" ? "table" + block.columns.length : block.kind
    }
    function arrange() {
        let count = 0
        while (count < blocks.length && begins[count] < built)
            count += 1
        let kept = 0
        while (kept < count && kept < shown.length && shown[kept].kind === kindOf(blocks[kept]))
            kept += 1
        const next = shown.slice(0, kept)
        for (const gone of shown.slice(kept)) {
            gone.item.parent = attic
            waiting[gone.kind] = [...waiting[gone.kind] ?? [], gone.item]
        }
        for (let i = 0; i < count; i++) {
            const block = blocks[i]
            if (i >= kept)
                next.push(taken(kindOf(block)))
            const item = next[i].item
            item.place = i
            item.built = built - begins[i]
            if (item.spec !== block)
                item.spec = block
            if (i >= kept)
                item.parent = sheet
        }
        shown = next
    }
    function taken(kind: string): var {
        const item = waiting[kind]?.shift()
        return { kind: kind, item: item ?? kinds[kind.startsWith("table") ? "table" : kind].createObject(attic) }
    }
    readonly property var kinds: ({ paragraph: paragraph, notice: notice, facts: facts, table: table, bars: bars, timeline: timeline, way: way, doors: doors })
    Component { id: paragraph; ParagraphBlock { width: screen.wide } }
    Component { id: notice; NoticeBlock { width: screen.wide } }
    Component { id: facts; FactsBlock { width: screen.wide } }
    Component { id: table; TableBlock { width: screen.wide } }
    Component { id: bars; BarsBlock { width: screen.wide } }
    Component { id: timeline; TimelineBlock { width: screen.wide } }
    Component { id: way; WayBlock { width: screen.wide } }
    Component { id: doors; DoorsBlock { width: screen.wide } }
    Notice { Layout.fillWidth: true; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "content-problem" }
    Column {
        id: sheet
        Layout.fillWidth: true
        spacing: Style.gap
        Item { id: attic; visible: false }
    }
    Spring {}
}
