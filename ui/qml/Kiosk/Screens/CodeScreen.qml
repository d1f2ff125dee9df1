import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// A code from a letter, a message or a receipt; typed, or held under the scanner.
Frame {
    id: screen
    property var f: ({})
    readonly property bool wrong: (f.problem ?? "") !== ""
    title: f.title ?? ""
    lead: wrong ? "" : f.text ?? ""
    actions: [f.back ?? {}, f.next ?? {}]
    keyable: true
    keyed: true
    headed: !(wrong && Style.large)
    keys: f.keyboard ?? {}
    readonly property bool staffs: f.page === "entering-staff-code"
    keysKind: staffs ? "number" : "code"
    announcement: f.problem ?? ""
    Accessible.id: staffs ? "page-staff-code" : "page-code"
    Notice { visible: screen.wrong && (!screen.split || Style.large); Layout.fillWidth: true; title: screen.f.problemTitle ?? ""; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "question-problem" }
    Spring {}
    entry: Column {
        width: parent?.width ?? 0
        spacing: Style.gap
        Notice { width: parent.width; visible: screen.wrong && screen.split && !Style.large; title: screen.f.problemTitle ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "question-problem" }
        EntryField { width: parent.width; label: screen.f.field ?? ""; text: screen.f.typed ?? ""; problem: (Style.large && screen.wrong ? screen.f.problemTitle : screen.f.problem) ?? "" }
    }
}
