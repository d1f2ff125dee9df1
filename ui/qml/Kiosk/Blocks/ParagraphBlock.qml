import QtQuick
import Kiosk.Controls

// Some sentences.
Item {
    id: block
    property var spec: ({})
    property int place: 0
    property int built: 1
    implicitHeight: words.implicitHeight
    Accessible.role: Accessible.Grouping
    Accessible.name: spec.text ?? ""
    Accessible.id: "block-" + place
    Label { id: words; width: parent.width; text: block.spec.text ?? ""; lineHeight: 1.05; Accessible.id: "text-" + block.place }
}
