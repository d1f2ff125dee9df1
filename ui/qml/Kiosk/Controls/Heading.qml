import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// What a page asks or says, with the steps of the way it belongs to.
GridLayout {
    id: heading
    property string title
    property string lead
    property int step: 0
    property int steps: 0
    property string stepText: ""
    property bool wide: false           // title and steps on one line
    columns: wide ? 2 : 1
    columnSpacing: Style.dp(48)
    rowSpacing: Style.dp(14)
    Steps {
        Layout.fillWidth: true
        Layout.bottomMargin: Style.dp(10)
        visible: count > 0 && !heading.wide
        step: heading.step
        count: heading.steps
        text: heading.stepText
    }
    Label {
        Layout.fillWidth: true
        visible: text !== ""
        text: heading.title
        kind: "h1"
        font.pixelSize: heading.wide ? Style.title(46) : Style.title(58)
        Accessible.id: "page-title"
    }
    Steps {
        Layout.preferredWidth: Style.dp(Style.large ? 440 : 340)
        visible: count > 0 && heading.wide
        step: heading.step
        count: heading.steps
        text: heading.stepText
    }
    Label {
        Layout.fillWidth: true
        Layout.columnSpan: heading.wide ? 2 : 1
        visible: text !== ""
        text: heading.lead
        color: Style.muted
        Accessible.id: "page-lead"
    }
}
