import QtQuick
import Kiosk.Style

// A sentence in a tinted box with its icon; placed without layouts, which begin anew whenever a page comes or goes.
Rectangle {
    id: notice
    property string text: ""
    property string title: ""
    property string icon: "info"
    property string tone: "info"
    property string accessibleId: ""
    visible: text !== "" || title !== ""
    readonly property real side: Style.dp(30)
    readonly property real room: width - 2 * side - sign.size - Style.dp(24)
    readonly property real start: Style.rightToLeft ? side : width - side - room
    readonly property real told: (title !== "" ? head.implicitHeight : 0) + (title !== "" && text !== "" ? Style.dp(6) : 0) + (text !== "" ? words.implicitHeight : 0)
    readonly property real high: Math.max(sign.size, told)
    implicitHeight: high + Style.dp(Style.portrait ? 48 : 36)
    radius: Style.radius
    color: Style.toneTint(tone)
    border.width: Style.highContrast || tone === "bad" ? Style.dp(3) : 0
    border.color: Style.tone(tone)
    Accessible.role: tone === "bad" ? Accessible.AlertMessage : Accessible.StaticText
    Accessible.name: title !== "" && text !== "" ? title + ". " + text : title + text
    Accessible.id: accessibleId
    Icon {
        id: sign
        name: notice.icon
        tone: Style.tone(notice.tone)
        size: Style.upTo(52, 76)
        x: Style.rightToLeft ? notice.width - width - notice.side : notice.side
        y: (notice.height - notice.high) / 2
    }
    Label { id: head; visible: text !== ""; x: notice.start; y: (notice.height - notice.told) / 2; width: notice.room; text: notice.title; font.weight: Font.Bold; color: Style.tone(notice.tone); Accessible.ignored: true }
    Label { id: words; visible: text !== ""; x: notice.start; y: (notice.height + notice.told) / 2 - height; width: notice.room; text: notice.text; color: Style.highContrast || notice.tone === "info" ? Style.text : Style.tone(notice.tone); Accessible.ignored: true }
}
