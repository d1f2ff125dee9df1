pragma ComponentBehavior: Bound
import QtQuick

// The rows of a block, made six at a time: what fits on the screen first, the rest while it is being read. A row that was
// made once stays, unseen while a shorter list is shown: to fill it anew costs a twentieth of making it.
// `line` has `required property int index`, and is visible while there are that many rows.
Column {
    id: lines
    property int count: 0
    property int built: 1
    property Component line
    readonly property int need: Math.min(count, 6 * (built - 1))
    width: parent?.width ?? 0
    onNeedChanged: grow()
    Component.onCompleted: grow()
    function grow() {
        while (made.count < need)
            made.append({ row: made.count })
    }
    ListModel { id: made }
    Repeater { model: made; delegate: lines.line }
}
