pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls
import Kiosk.Blocks

// What stands now and what will stand, side by side; the button names the act.
Frame {
    id: screen
    property var f: ({})
    readonly property var rows: f.rows ?? []
    readonly property var notes: f.notes ?? []
    readonly property bool compact: rows.length > 1 || (rows[0]?.icon ?? "") === ""
    property int built: 2
    readonly property bool whole: built > Math.ceil(rows.length / 6)
    readonly property Timer growing: Timer { interval: 1; repeat: true; running: screen.visible && !screen.whole; onTriggered: screen.built += 2 }
    title: f.title ?? ""
    step: f.step ?? 0
    steps: f.steps ?? 0
    stepText: f.stepText ?? ""
    actions: [f.back ?? {}, f.sign ?? {}]
    announcement: f.problem ?? ""
    Accessible.id: "page-check"
    // on a low screen what follows the number stands in one line; each part keeps its own direction of writing
    function together(lines: var): var {
        return Style.portrait || Style.large || lines.length < 3 ? lines : [lines[0], lines.slice(1).map(line => "\u2068" + line + "\u2069").join(" · ")]
    }
    component Lined: Column {   // an answer, line by line; the first line of the first row is `new-0`, of the third `new-2-0`
        id: lined
        property var lines: []
        property bool fresh: false
        property bool bold: false           // every line is of one weight: an address, a text
        property int row: 0
        width: parent?.width ?? 0
        spacing: Style.dp(6)
        Repeater {
            model: lined.lines.length
            Label {
                required property int index
                width: lined.width
                text: lined.lines[index] ?? ""
                font.weight: index === 0 || lined.bold ? Font.Bold : Font.Normal
                font.pixelSize: Style.sp(index === 0 && !lined.bold ? 36 : lined.bold ? 34 : 30)
                Accessible.id: (lined.fresh ? "new-" : "now-") + (lined.row > 0 ? lined.row + "-" : "") + index
            }
        }
    }
    component Side: Rectangle {
        id: side
        property string caption
        property var lines: []
        property bool fresh: false
        property int row: 0
        visible: caption !== "" || lines.length > 0
        implicitHeight: inner.implicitHeight + Style.dp(Style.portrait ? 52 : 36)
        radius: Style.radius
        color: fresh ? Style.okTint : Style.ground
        border.width: Style.dp(fresh ? 5 : 2)
        border.color: fresh ? Style.ok : Style.line
        ColumnLayout {
            id: inner
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            anchors.margins: Style.dp(Style.portrait ? 26 : 18)
            spacing: Style.dp(6)
            Label { visible: text !== ""; text: side.caption; kind: "small"; font.weight: Font.Bold; color: side.fresh ? Style.ok : Style.muted; Layout.fillWidth: true }
            Lined { lines: side.lines; fresh: side.fresh; row: side.row; bold: screen.compact; Layout.fillWidth: true }
        }
    }
    Notice { Layout.fillWidth: true; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "check-problem" }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: card.implicitHeight + Style.dp(Style.portrait ? 72 : 40)
        radius: Style.radius
        color: Style.surface
        border.width: Style.dp(2)
        border.color: Style.line
        ColumnLayout {
            id: card
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.leftMargin: Style.dp(Style.large ? 28 : 36)
            anchors.rightMargin: Style.dp(Style.large ? 28 : 36)
            spacing: Style.dp(Style.portrait ? 28 : 18)
            Label { visible: screen.compact && (screen.f.holder ?? "") !== ""; text: (screen.f.holderLabel ?? "") + ": " + (screen.f.holder ?? ""); kind: "small"; color: Style.text; Layout.fillWidth: true; Accessible.id: "holder-0" }
            Lines {
                Layout.fillWidth: true
                count: Math.min(screen.rows.length, 6 * (screen.built - 1))
                line: screen.compact ? plain : compared
            }
        }
    }
    Component {
        id: plain
        Item {   // one answer: its name, what was answered, and, where it is known, what stands now
            id: answer
            required property int index
            readonly property int row: index
            visible: row < screen.rows.length
            width: parent?.width ?? 0
            readonly property var spec: screen.rows[row] ?? ({})
            readonly property bool both: (spec.now ?? []).length > 0
            readonly property real start: change.natural + Style.dp(24)
            readonly property real room: answer.width - start
            implicitHeight: Math.max(change.height, words.height) + Style.dp(40)
            Rectangle { visible: answer.row > 0; width: parent.width; height: Style.dp(2); color: Style.line }
            Column {
                id: words
                y: Style.dp(20)
                x: Style.rightToLeft && !Style.large ? answer.width - width : 0
                width: Style.large ? answer.width : answer.room
                spacing: Style.dp(8)
                Label { width: parent.width; text: answer.spec.label ?? ""; kind: "small"; font.weight: Font.Bold; Accessible.id: "label-" + answer.row }
                Lined { visible: !answer.both; lines: answer.spec.new ?? []; fresh: true; row: answer.row; bold: true }
                Loader {
                    active: answer.both
                    visible: active
                    width: parent.width
                    sourceComponent: GridLayout {
                        columns: Style.large ? 1 : 2
                        columnSpacing: Style.dp(20)
                        rowSpacing: Style.dp(16)
                        Side { caption: answer.spec.nowLabel ?? ""; lines: answer.spec.now ?? []; row: answer.row; Layout.fillWidth: true; Layout.preferredWidth: 1; Layout.fillHeight: true }
                        Side { caption: answer.spec.newLabel ?? ""; lines: answer.spec.new ?? []; fresh: true; row: answer.row; Layout.fillWidth: true; Layout.preferredWidth: 1; Layout.fillHeight: true }
                    }
                }
                Item { visible: Style.large; width: parent.width; height: change.height }
            }
            ActionButton {
                id: change
                spec: answer.spec.change
                slim: true
                width: Math.min(natural, answer.width)
                x: Style.rightToLeft ? 0 : answer.width - width
                y: Style.large ? words.y + words.height - height : Style.dp(20)
            }
        }
    }
    Component {
        id: compared
        ColumnLayout {
            id: row
            required property int index
            readonly property int place: index
            visible: place < screen.rows.length
            width: parent?.width ?? 0
            readonly property var spec: screen.rows[place] ?? ({})
            spacing: Style.dp(Style.portrait ? 24 : 12)
            GridLayout {
                Layout.fillWidth: true
                columns: Style.large && Style.portrait ? 1 : 2
                columnSpacing: Style.dp(24)
                rowSpacing: Style.dp(16)
                RowLayout {
                    Layout.fillWidth: true
                    spacing: Style.dp(24)
                    Rectangle {
                        Layout.preferredWidth: Style.dp(84)
                        Layout.preferredHeight: Style.dp(84)
                        Layout.alignment: Qt.AlignTop
                        radius: Style.dp(22)
                        color: Style.tint
                        Icon { anchors.centerIn: parent; name: row.spec.icon ?? ""; tone: Style.primary; size: Style.dp(50) }
                    }
                    ColumnLayout {
                        Layout.fillWidth: true
                        spacing: Style.dp(2)
                        Label { text: row.spec.label ?? ""; font.pixelSize: Style.sp(36); font.weight: Font.Bold; Layout.fillWidth: true }
                        Label { visible: (screen.f.holder ?? "") !== ""; text: (screen.f.holderLabel ?? "") + ": " + (screen.f.holder ?? ""); kind: "small"; color: Style.text; Layout.fillWidth: true; Accessible.id: "holder-" + row.place }
                    }
                }
                PushButton { spec: row.spec.change ?? ({}); slim: true; Layout.alignment: Qt.AlignRight | Qt.AlignTop }
            }
            GridLayout {
                Layout.fillWidth: true
                columns: Style.large ? 1 : 2
                columnSpacing: Style.dp(24)
                rowSpacing: Style.dp(20)
                Side { caption: row.spec.nowLabel ?? ""; lines: screen.together(row.spec.now ?? []); Layout.fillWidth: true; Layout.preferredWidth: 1; Layout.fillHeight: true }
                Side { caption: row.spec.newLabel ?? ""; lines: screen.together(row.spec.new ?? []); fresh: true; Layout.fillWidth: true; Layout.preferredWidth: 1; Layout.fillHeight: true }
            }
        }
    }
    Rectangle {
        visible: screen.notes.length > 0
        Layout.fillWidth: true
        implicitHeight: told.implicitHeight + Style.dp(Style.portrait ? 56 : 28)
        radius: Style.radius
        color: Style.tint
        border.width: Style.highContrast ? Style.dp(3) : 0
        border.color: Style.primary
        ColumnLayout {
            id: told
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.leftMargin: Style.dp(32)
            anchors.rightMargin: Style.dp(32)
            spacing: Style.dp(14)
            Repeater {
                model: screen.notes.length
                RowLayout {
                    id: note
                    required property int index
                    Layout.fillWidth: true
                    spacing: Style.dp(24)
                    Icon { name: note.index === 0 ? "info" : "calendar-check"; tone: Style.primary; size: Style.upTo(46, 70); Layout.alignment: Qt.AlignTop }
                    Label { text: screen.notes[note.index] ?? ""; Layout.fillWidth: true; Accessible.id: "note-" + note.index }
                }
            }
        }
    }
    Spring {}
}
