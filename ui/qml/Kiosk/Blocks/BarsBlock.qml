pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style
import Kiosk.Controls

// Amounts beside each other, the longest as wide as the page. What is marked is bold, filled and ticked, not coloured only.
Block {
    id: block
    readonly property int pixels: Style.sp(30)
    readonly property real names: (spec.labelRoom ?? 0) * pixels * 0.62 + Style.dp(48)
    readonly property real values: (spec.valueRoom ?? 0) * pixels * 0.62
    readonly property bool inline: names + values < inner * 0.6     // name, bar and amount on one line
    Label { visible: text !== ""; width: parent.width; text: block.spec.summary ?? ""; Accessible.id: "summary-" + block.place }
    Lines {
        count: block.rows.length
        spacing: Style.dp(block.inline ? 10 : 18)
        line: Item {
            id: bar
            width: parent?.width ?? 0
            required property int index
            readonly property int row: index
            visible: row < block.rows.length
            readonly property var fresh: block.rows[row] ?? null
            property var spec: ({})
            onFreshChanged: if (fresh !== null) spec = fresh    // a row that is not seen keeps what it said
            readonly property bool marked: spec.marked ?? false
            readonly property bool pressed: (spec.action?.text ?? "") !== ""
            readonly property real high: Style.dp(36)
            readonly property real full: block.inline ? width - block.names - block.values - Style.dp(32) : width
            readonly property real begin: block.inline ? block.names : 0
            readonly property real below: block.inline ? Math.max(name.height, high) : name.height + high + Style.dp(8)
            implicitHeight: below + (pressed ? way.height + Style.dp(12) : 0)
            Accessible.role: Accessible.StaticText
            Accessible.name: (spec.label ?? "") + ": " + (spec.value ?? "")
            Accessible.id: "row-" + block.place + "-" + row
            Icon {
                visible: bar.marked
                name: bar.marked ? "check" : ""
                tone: Style.ok
                size: Style.dp(40)
                stroke: "3"
                x: Style.rightToLeft ? bar.width - width : 0
                y: (name.height - height) / 2
            }
            Label {
                id: name
                readonly property real start: bar.marked || block.inline ? Style.dp(48) : 0
                width: block.inline ? block.names - start : bar.width - start - amount.width - Style.dp(20)
                x: Style.rightToLeft ? bar.width - width - start : start
                text: bar.spec.label ?? ""
                font.pixelSize: block.pixels
                font.weight: bar.marked ? Font.Bold : Font.Normal
                Accessible.ignored: true
            }
            Label {
                id: amount
                width: Math.min(block.values, bar.width / 2)
                x: Style.rightToLeft ? 0 : bar.width - width
                text: bar.spec.value ?? ""
                font.pixelSize: block.pixels
                font.weight: Font.Bold
                color: bar.marked ? Style.ok : Style.text
                horizontalAlignment: Text.AlignRight
                Accessible.id: "value-" + block.place + "-" + bar.row
            }
            Rectangle {
                x: Style.rightToLeft ? bar.width - bar.begin - width : bar.begin
                y: block.inline ? (name.height - height) / 2 : name.height + Style.dp(8)
                width: Math.max(Style.dp(8), bar.full * (bar.spec.share ?? 0))
                height: bar.high
                radius: Style.dp(8)
                color: bar.marked ? Style.ok : Style.highContrast ? Style.primary : "#5f93b3"
            }
            ActionButton {
                id: way
                spec: bar.spec.action
                slim: true
                y: bar.below + Style.dp(12)
                x: Style.rightToLeft ? 0 : bar.width - width
                width: Math.min(natural, bar.width)
            }
        }
    }
}
