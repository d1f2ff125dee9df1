pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// What stands now and what will stand, side by side; the button names the act.
Frame {
    id: screen
    property var f: ({})
    readonly property var rows: f.rows ?? []
    readonly property var notes: f.notes ?? []
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
    component Side: Rectangle {
        id: side
        property string caption
        property var lines: []
        property bool fresh: false
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
            Repeater {
                model: side.lines.length
                Label {
                    required property int index
                    text: side.lines[index] ?? ""
                    Layout.fillWidth: true
                    font.weight: index === 0 ? Font.Bold : Font.Normal
                    font.pixelSize: Style.sp(index === 0 ? 36 : 30)
                    Accessible.id: (side.fresh ? "new-" : "now-") + index
                }
            }
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
            Repeater {
                model: screen.rows.length
                ColumnLayout {
                    id: row
                    required property int index
                    readonly property var spec: screen.rows[index] ?? ({})
                    Layout.fillWidth: true
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
                                Icon { anchors.centerIn: parent; name: "landmark"; tone: Style.primary; size: Style.dp(50) }
                            }
                            ColumnLayout {
                                Layout.fillWidth: true
                                spacing: Style.dp(2)
                                Label { text: row.spec.label ?? ""; font.pixelSize: Style.sp(36); font.weight: Font.Bold; Layout.fillWidth: true }
                                Label { visible: (screen.f.holder ?? "") !== ""; text: (screen.f.holderLabel ?? "") + ": " + (screen.f.holder ?? ""); kind: "small"; color: Style.text; Layout.fillWidth: true; Accessible.id: "holder-" + row.index }
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
