pragma ComponentBehavior: Bound
import QtQuick

// The rows of a block, made some at a time: what fits on the screen first, the rest while it is being read.
// `line` has `required property int index`; the part it stands in says where the part begins.
Column {
    id: lines
    property int count: 0
    property int built: 1
    property Component line
    readonly property int part: 6
    width: parent?.width ?? 0
    Repeater {
        model: Math.ceil(lines.count / lines.part)
        Loader {
            id: loader
            required property int index
            width: lines.width
            active: index < lines.built - 1
            sourceComponent: LinesPart {
                width: loader.width
                spacing: lines.spacing
                start: loader.index * lines.part
                Repeater {
                    model: Math.max(0, Math.min(lines.part, lines.count - loader.index * lines.part))
                    delegate: lines.line
                }
            }
        }
    }
}
