pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style
import Kiosk.Controls

// Things side by side with their names.
Block {
    id: block
    readonly property bool stacked: Style.large && Style.portrait
    Lines {
        count: block.rows.length
        spacing: Style.dp(14)
        line: Item {
            id: fact
            width: parent?.width ?? 0
            required property int index
            readonly property int row: index
            visible: row < block.rows.length
            readonly property var fresh: block.rows[row] ?? null
            property var spec: ({})
            onFreshChanged: if (fresh !== null) spec = fresh    // a row that is not seen keeps what it said
            implicitHeight: block.stacked ? value.y + value.height : Math.max(name.height, value.height)
            Accessible.role: Accessible.StaticText
            Accessible.name: (spec.label ?? "") + ": " + (spec.value ?? "")
            Accessible.id: "row-" + block.place + "-" + row
            Label {
                id: name
                width: block.stacked ? parent.width : parent.width * 0.42 - Style.dp(24)
                x: Style.rightToLeft ? parent.width - width : 0
                text: fact.spec.label ?? ""
                color: Style.muted
                font.pixelSize: Style.sp(32)
                Accessible.ignored: true
            }
            Label {
                id: value
                width: block.stacked ? parent.width : parent.width * 0.58
                x: block.stacked || Style.rightToLeft ? 0 : parent.width - width
                y: block.stacked ? name.height : 0
                text: fact.spec.value ?? ""
                font.weight: Font.Bold
                Accessible.id: "value-" + block.place + "-" + fact.row
            }
        }
    }
}
