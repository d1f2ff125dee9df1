import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// How to put the card in.
Frame {
    id: screen
    property var f: ({})
    title: f.title ?? ""
    lead: f.text ?? ""
    actions: [f.back ?? {}, f.code ?? {}, f.without ?? {}]
    Accessible.id: "page-insert-card"
    CardPicture {
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.preferredHeight: Style.dp(300)
        Layout.minimumHeight: Style.dp(300)
        Layout.maximumHeight: Style.dp(1000)
        Layout.alignment: Qt.AlignVCenter
        description: screen.f.picture ?? ""
        chipLabel: screen.f.chip ?? ""
        moving: screen.visible
    }
}
