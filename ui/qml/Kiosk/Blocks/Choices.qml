pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style
import Kiosk.Controls

// Everything that can be chosen, in as many columns as the longest of it leaves room for. What fits on the screen comes
// first, the rest in the frames after it. A tile that was made once stays, unseen while a shorter list is shown.
Item {
    id: list
    property var choices: []
    property string of: ""              // the question; another one begins anew
    readonly property int first: 12
    property string filledFor: ""
    property int filled: first          // so many of this question may be seen by now
    property var shown: []
    readonly property bool whole: filled >= shown.length
    readonly property real gap: Style.dp(20)
    readonly property real need: Math.max(0, ...shown.map(choice => choice.text.length)) * Style.sp(34) * 0.6 + Style.dp(150)
    readonly property int most: Math.max(1, Math.min(5, Math.floor((width + gap) / (need + gap))))
    readonly property int columns: shown.length < 4 && Style.portrait ? 1 : Math.min(most, shown.length)
    implicitHeight: grid.height
    onChoicesChanged: {     // in this order: another question begins with its first dozen
        if (of !== filledFor) {
            filledFor = of
            filled = first
        }
        shown = choices
        grow()
    }
    function grow() {
        while (made.count < Math.min(shown.length, filled))
            made.append({ number: made.count })
    }
    ListModel { id: made }
    Timer {
        interval: 1
        repeat: true
        running: !list.whole && list.visible
        onTriggered: {
            list.filled += list.first
            list.grow()
        }
    }
    Grid {
        id: grid
        width: parent.width
        columns: Math.max(1, list.columns)
        columnSpacing: list.gap
        rowSpacing: list.gap
        Repeater {
            model: made
            ChoiceTile {
                required property int index
                readonly property var choice: index < list.filled ? list.shown[index] ?? null : null
                onChoiceChanged: if (choice !== null) spec = choice      // one that is not seen keeps what it said
                visible: choice !== null
                width: (list.width - list.gap * (grid.columns - 1)) / grid.columns
            }
        }
    }
}
