pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style
import Kiosk.Controls

// Everything that can be chosen, in as many columns as the longest of it leaves room for.
Item {
    id: list
    property var choices: []
    property string of: ""              // the question; another one begins anew
    property int built: 12
    readonly property bool whole: built >= choices.length
    readonly property real gap: Style.dp(20)
    readonly property real need: Math.max(0, ...choices.map(choice => choice.text.length)) * Style.sp(34) * 0.6 + Style.dp(150)
    readonly property int most: Math.max(1, Math.min(5, Math.floor((width + gap) / (need + gap))))
    readonly property int columns: choices.length < 4 && Style.portrait ? 1 : Math.min(most, choices.length)
    implicitHeight: grid.height
    onOfChanged: built = 12
    Timer { interval: 1; repeat: true; running: !list.whole && list.visible; onTriggered: list.built += 12 }
    Grid {
        id: grid
        width: parent.width
        columns: Math.max(1, list.columns)
        columnSpacing: list.gap
        rowSpacing: list.gap
        Repeater {
            model: list.choices.length
            Loader {
                id: loader
                required property int index
                active: index < list.built
                width: (list.width - list.gap * (grid.columns - 1)) / grid.columns
                sourceComponent: ChoiceTile { spec: list.choices[loader.index] ?? ({}) }
            }
        }
    }
}
