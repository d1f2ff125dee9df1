pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// The holder's name as the bank has it beside the record's; yes and no are as large as each other.
Frame {
    id: screen
    property var f: ({})
    readonly property var names: f.names ?? []
    readonly property var notes: f.notes ?? []
    readonly property bool aside: !Style.portrait && !Style.large
    title: f.title ?? ""
    lead: (f.problem ?? "") === "" ? f.text ?? "" : ""   // what went wrong needs the room
    actions: aside ? [f.back ?? {}, f.no ?? {}, f.yes ?? {}] : [f.back ?? {}]
    announcement: f.problem ?? ""
    Accessible.id: "page-confirm"
    component Told: Rectangle {
        id: told
        property var spec: ({})
        readonly property bool fresh: spec.fresh ?? false
        readonly property var lines: spec.lines ?? []
        implicitHeight: inner.implicitHeight + Style.dp(Style.portrait ? 56 : 40)
        radius: Style.radius
        color: fresh ? Style.warnTint : Style.surface
        border.width: Style.dp(fresh ? 5 : 2)
        border.color: fresh ? Style.warn : Style.line
        ColumnLayout {
            id: inner
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.margins: Style.dp(Style.portrait ? 28 : 22)
            spacing: Style.dp(6)
            Label { text: told.spec.label ?? ""; kind: "small"; font.weight: Font.Bold; color: told.fresh ? Style.warn : Style.muted; Layout.fillWidth: true }
            Repeater {
                model: told.lines.length
                Label {
                    required property int index
                    text: told.lines[index] ?? ""
                    Layout.fillWidth: true
                    font.weight: index === 0 ? Font.Bold : Font.Normal
                    font.pixelSize: Style.sp(index === 0 ? 38 : 30)
                    Accessible.id: (told.spec.id ?? "") + (index === 0 ? "" : "-" + index)
                }
            }
        }
    }
    Notice { Layout.fillWidth: true; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "check-problem" }
    GridLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        columns: Style.large ? 1 : screen.aside ? 3 : 2
        columnSpacing: Style.gap
        rowSpacing: Style.gap
        Repeater {
            model: screen.names.length
            Told {
                required property int index
                spec: screen.names[index] ?? ({})
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 1
            }
        }
        Told {
            spec: screen.f.account ?? ({})
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: screen.aside ? 1.45 : 1   // an IBAN is to stand on one line
            Layout.columnSpan: Style.large || screen.aside ? 1 : 2
        }
    }
    Repeater {
        model: screen.notes.length
        RowLayout {
            id: note
            required property int index
            Layout.fillWidth: true
            Layout.fillHeight: false
            spacing: Style.dp(20)
            Icon { name: note.index === 0 ? "info" : "clock"; tone: Style.primary; size: Style.upTo(44, 70); Layout.alignment: Qt.AlignTop }
            Label { text: screen.notes[note.index] ?? ""; Layout.fillWidth: true; Accessible.id: "note-" + note.index }
        }
    }
    ColumnLayout {
        visible: !screen.aside
        Layout.fillWidth: true
        Layout.fillHeight: false
        Layout.topMargin: Style.dp(12)
        spacing: Style.dp(28)
        component Way: PushButton {
            kind: Style.large ? "body" : "h2"
            Layout.fillWidth: true
            Layout.preferredHeight: Math.max(implicitHeight, Style.dp(150))
        }
        Way { spec: screen.aside ? ({}) : screen.f.yes ?? ({}) }
        Way { spec: screen.aside ? ({}) : screen.f.no ?? ({}) }
    }
    Spring {}
}
