pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style
import Kiosk.Controls

// Rows under named columns. A column is as wide as its longest word needs, and takes of the rest what its texts ask for;
// where not even the words fit beside each other, each row stands one cell below the other.
Block {
    id: block
    readonly property var columns: spec.columns ?? []
    readonly property var least: spec.least ?? []
    readonly property var most: spec.most ?? []
    readonly property int pixels: Style.sp(30)
    readonly property real gap: Style.dp(36)
    readonly property real glyph: pixels * 0.62
    readonly property real side: (spec.pressed ?? false) && !Style.portrait && !Style.large ? Style.dp(400) : 0
    readonly property real room: inner - side - gap * (columns.length - 1)
    readonly property real need: least.reduce((sum, one) => sum + one, 0) * glyph + Style.dp(26)
    readonly property bool stacked: columns.length > 1 && need > room
    readonly property var spans: {
        const wishes = least.map((one, i) => Math.min(most[i] ?? one, 40) - Math.min(one, 40) + 1)
        const all = wishes.reduce((sum, one) => sum + one, 0)
        return least.map((one, i) => one * glyph + (i === 0 ? Style.dp(26) : 0) + (room - need) * wishes[i] / all)
    }
    Column {
        width: parent.width
        Row {
            visible: !block.stacked
            spacing: block.gap
            bottomPadding: Style.dp(12)
            Repeater {
                model: block.stacked ? 0 : block.columns.length
                Label {
                    required property int index
                    width: block.spans[index] ?? 0
                    text: block.columns[index] ?? ""
                    kind: "small"
                    font.weight: Font.Bold
                    horizontalAlignment: block.spec.amounts?.[index] ? Text.AlignRight : Text.AlignLeft
                    Accessible.id: "column-" + block.place + "-" + index
                }
            }
        }
        Lines {
            count: block.rows.length
            line: TableLine { table: block }
        }
    }
}
