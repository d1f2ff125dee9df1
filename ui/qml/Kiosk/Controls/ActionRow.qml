pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// The ways out of a page: back at the start, the way on at the end; one below the other where they would not fit.
GridLayout {
    id: row
    property var actions: []
    readonly property var present: actions.filter(action => (action.text ?? "") !== "")
    readonly property int count: present.length
    readonly property real need: first.implicitWidth + (second.visible ? second.implicitWidth + columnSpacing : 0)
        + (third.visible ? third.implicitWidth + columnSpacing : 0)
    readonly property bool stacked: count > 1 && need > width
    readonly property bool alone: count === 1
    columns: stacked ? 1 : 4
    columnSpacing: Style.dp(24)
    rowSpacing: Style.dp(20)
    visible: count > 0

    component Action: PushButton {
        required property int place
        readonly property bool last: place === row.count - 1
        readonly property bool grows: row.stacked || (last && Style.portrait && (row.alone || variant !== "secondary"))
        spec: row.present[place] ?? ({})
        Layout.fillWidth: grows
        Layout.minimumWidth: last && !Style.portrait && visible ? Math.min(row.width, Math.max(Style.dp(380), implicitWidth)) : -1
    }
    Action { id: first; place: 0; Layout.alignment: row.alone ? Qt.AlignRight : Qt.AlignLeft }
    Item { visible: !row.stacked && row.count > 1; Layout.fillWidth: !(second.grows || third.grows); Layout.preferredWidth: 0; implicitHeight: 1 }
    Action { id: second; place: 1 }
    Action { id: third; place: 2 }
}
