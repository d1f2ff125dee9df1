import QtQuick
import QtQuick.Layouts
import Kiosk.Controls

// A code from a letter, a message or a receipt; typed, or held under the scanner.
Frame {
    id: screen
    property var f: ({})
    readonly property bool wrong: (f.problem ?? "") !== ""
    title: f.title ?? ""
    lead: wrong ? "" : f.text ?? ""
    actions: [f.back ?? {}, f.next ?? {}]
    keys: f.keyboard ?? {}
    keysWithSlash: false
    Accessible.id: "page-code"
    Notice { Layout.fillWidth: true; title: screen.f.problemTitle ?? ""; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "question-problem" }
    EntryField { Layout.fillWidth: true; label: screen.f.field ?? ""; text: screen.f.typed ?? ""; bad: screen.wrong }
    Item { Layout.fillHeight: true }
}
