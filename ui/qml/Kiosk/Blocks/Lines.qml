pragma ComponentBehavior: Bound
import QtQuick

// The rows of a block. One that was made once stays, unseen while a shorter list is shown: to fill it anew costs a
// twentieth of making it. `line` has `required property int index`, and is visible while there are that many rows.
Column {
    id: lines
    property int count: 0
    property Component line
    width: parent?.width ?? 0
    onCountChanged: grow()
    Component.onCompleted: grow()
    function grow() {
        while (made.count < count)
            made.append({ row: made.count })
    }
    ListModel { id: made }
    Repeater { model: made; delegate: lines.line }
}
