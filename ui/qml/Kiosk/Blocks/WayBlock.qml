pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style
import Kiosk.Controls

// Where a request stands, as a picture: when it was made, and its steps beside each other, or one below the other where
// type is large.
Block {
    id: block
    property int made: 0                // as many as there ever were: the others wait unseen
    onAllChanged: made = Math.max(made, all.length)
    readonly property bool upright: Style.large || all.length > 5
    readonly property real disc: Style.dp(Style.portrait ? 76 : 68)
    readonly property real each: upright ? inner : inner / Math.max(1, all.length)
    said: [spec.when ?? ""].concat(all.map(step => step.text + ": " + step.said), [spec.remark ?? ""]).filter(text => text !== "").join(", ")
    Label { visible: text !== ""; width: parent.width; text: block.spec.when ?? ""; kind: "small"; color: Style.muted; Accessible.id: "when-" + block.place }
    Grid {
        id: steps
        columns: block.upright ? 1 : Math.max(1, block.all.length)
        width: parent.width
        Repeater {
            model: block.made
            Item {
                id: step
                required property int index
                readonly property var spec: block.all[index] ?? ({})
                visible: index < block.all.length
                readonly property string reached: spec.reached ?? "ahead"
                readonly property bool done: reached === "done"
                readonly property bool now: reached === "now"
                readonly property bool stopped: reached === "stopped"
                readonly property bool last: index === block.all.length - 1
                readonly property color ink: done ? Style.ok : stopped ? Style.bad : now ? Style.primary : Style.edge
                width: block.each
                height: block.upright ? Math.max(block.disc, what.height) + (last ? 0 : Style.dp(28)) : block.disc + Style.dp(10) + what.height
                Accessible.role: Accessible.StaticText
                Accessible.name: (spec.text ?? "") + ": " + (spec.said ?? "")
                Accessible.id: "row-" + block.place + "-" + index
                Rectangle {   // the way on to the next step
                    visible: !step.last
                    readonly property bool walked: step.done && (block.all[step.index + 1]?.reached ?? "ahead") !== "ahead"
                    x: block.upright ? mark.x + mark.width / 2 - width / 2 : Style.rightToLeft ? mark.x - width : mark.x + mark.width
                    y: block.upright ? mark.height : block.disc / 2 - height / 2
                    width: block.upright ? Style.dp(8) : block.each - block.disc
                    height: block.upright ? step.height - block.disc : Style.dp(8)
                    color: walked ? Style.ok : Style.line
                }
                Rectangle {
                    id: mark
                    x: block.upright ? (Style.rightToLeft ? step.width - width : 0) : (step.width - width) / 2
                    width: block.disc
                    height: width
                    radius: width / 2
                    color: step.done ? Style.ok : step.stopped ? Style.bad : Style.surface
                    border.width: step.done || step.stopped ? 0 : Style.dp(step.now ? 8 : 4)
                    border.color: step.ink
                    Icon {
                        anchors.centerIn: parent
                        name: step.done ? "check" : step.stopped ? "x" : step.now ? "clock" : ""
                        visible: name !== ""
                        tone: step.done || step.stopped ? Style.toneInk("ok") : Style.primary
                        size: parent.width * 0.58
                        stroke: "3"
                    }
                }
                Label {
                    id: what
                    readonly property real start: block.disc + Style.dp(24)
                    x: block.upright ? (Style.rightToLeft ? 0 : start) : Style.dp(6)
                    y: block.upright ? Math.max(0, (block.disc - height) / 2) : block.disc + Style.dp(10)
                    width: block.upright ? step.width - start : step.width - Style.dp(12)
                    text: step.spec.text ?? ""
                    font.pixelSize: Style.sp(28)
                    font.weight: step.reached === "ahead" ? Font.Normal : Font.Bold
                    color: step.done ? Style.ok : step.stopped ? Style.bad : step.now ? Style.text : Style.muted
                    horizontalAlignment: block.upright ? Text.AlignLeft : Text.AlignHCenter
                    Accessible.ignored: true
                }
            }
        }
    }
    Label { visible: text !== ""; width: parent.width; text: block.spec.remark ?? ""; Accessible.id: "remark-" + block.place }
    Repeater {
        model: (block.spec.actions ?? []).length
        ActionButton {
            required property int index
            spec: block.spec.actions[index] ?? ({})
            width: Math.min(natural, block.inner)
            x: Style.rightToLeft ? 0 : block.inner - width
        }
    }
}
