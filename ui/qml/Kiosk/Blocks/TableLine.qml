pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style
import Kiosk.Controls

// A row of a table: cells under their columns, or one below the other with their columns' names where type is large.
Item {
    id: line
    property var table
    required property int index
    readonly property int row: index
    visible: row < table.rows.length
    readonly property var fresh: table.rows[row] ?? null
    property var spec: ({})
    onFreshChanged: if (fresh !== null) spec = fresh    // a row that is not seen keeps what it said
    readonly property var cells: spec.cells ?? []
    readonly property string tone: spec.tone ?? "plain"
    readonly property bool told: (spec.remark ?? "") !== ""
    readonly property bool pressed: (spec.action?.text ?? "") !== ""
    readonly property bool aside: pressed && table.side > 0
    readonly property real edge: tone === "plain" ? 0 : Style.dp(26)
    readonly property real wide: table.inner - table.side
    width: parent?.width ?? 0
    implicitHeight: Math.max(words.height, aside ? way.height : 0) + Style.dp(28)
    Accessible.role: Accessible.StaticText
    Accessible.name: cells.map((cell, i) => cell === "" ? "" : i === 0 ? cell : (table.columns[i] ?? "") + ": " + cell).concat(told ? [spec.remark] : []).filter(text => text !== "").join(", ")
    Accessible.id: "row-" + table.place + "-" + row
    Rectangle { width: parent.width; height: Style.dp(2); color: Style.line }
    Rectangle {   // the edge at which the row begins, in its tone
        visible: line.tone !== "plain"
        x: Style.rightToLeft ? parent.width - width : 0
        y: Style.dp(14)
        width: Style.dp(10)
        height: parent.height - Style.dp(28)
        radius: width / 2
        color: Style.tone(line.tone)
    }
    Column {
        id: words
        y: Style.dp(14)
        width: line.wide
        x: Style.rightToLeft ? line.width - width : 0
        spacing: Style.dp(12)
        Row {
            visible: !line.table.stacked
            spacing: line.table.gap
            width: parent.width - line.edge
            x: Style.rightToLeft ? 0 : line.edge
            Repeater {
                model: line.table.stacked ? 0 : line.table.columns.length
                Label {
                    required property int index
                    width: (line.table.spans[index] ?? 0) - (index === 0 ? line.edge : 0)
                    text: line.cells[index] ?? ""
                    font.pixelSize: line.table.pixels
                    font.weight: index === 0 ? Font.Bold : Font.Normal
                    horizontalAlignment: line.table.spec.amounts?.[index] ? Text.AlignRight : Text.AlignLeft
                    Accessible.id: "cell-" + line.table.place + "-" + line.row + "-" + index
                }
            }
        }
        Repeater {
            model: line.table.stacked ? line.table.columns.length : 0
            Label {
                required property int index
                readonly property string cell: line.cells[index] ?? ""
                visible: cell !== ""
                width: words.width - line.edge
                x: Style.rightToLeft ? 0 : line.edge
                text: index === 0 ? cell : (line.table.columns[index] ?? "") + ": " + cell
                font.pixelSize: line.table.pixels
                font.weight: index === 0 ? Font.Bold : Font.Normal
                Accessible.id: "cell-" + line.table.place + "-" + line.row + "-" + index
            }
        }
        Row {
            visible: line.told
            spacing: Style.dp(14)
            width: parent.width - line.edge
            x: Style.rightToLeft ? 0 : line.edge
            Icon { name: line.told ? line.tone === "ok" ? "circle-check" : line.tone === "bad" || line.tone === "warn" ? "circle-alert" : "info" : ""; tone: Style.tone(line.tone); size: Style.upTo(38, 64) }
            Label { width: parent.width - Style.upTo(38, 64) - Style.dp(14); text: line.spec.remark ?? ""; font.pixelSize: Style.sp(30); color: Style.tone(line.tone); Accessible.id: "remark-" + line.table.place + "-" + line.row }
        }
        Item {
            visible: line.pressed && !line.aside
            width: parent.width
            height: way.height
        }
    }
    ActionButton {
        id: way
        spec: line.spec.action
        slim: true
        width: line.aside ? line.table.side - Style.dp(24) : Math.min(natural, line.width)
        x: Style.rightToLeft ? 0 : line.width - width
        y: line.aside ? Style.dp(14) : words.y + words.height - height
    }
}
