import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

Frame {
    id: screen
    property var f: ({})
    title: f.title ?? ""
    lead: f.text ?? ""
    actions: [f.back ?? {}, f.code ?? {}]
    Accessible.id: "page-insert-card"
    CardPicture {
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.preferredHeight: Style.dp(300)
        description: screen.f.picture ?? ""
        chipLabel: screen.f.chip ?? ""
        moving: screen.visible
    }
}
