pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Controls

// The button of a row or block that has one; nothing is made where there never was one.
Loader {
    id: loader
    property var spec: ({})
    property bool slim: false
    property bool made: false
    readonly property bool wanting: (spec?.text ?? "") !== ""
    readonly property real natural: wanting ? (item as PushButton)?.implicitWidth ?? 0 : 0
    readonly property real wanted: wanting ? (item as PushButton)?.implicitHeight ?? 0 : 0
    height: wanted
    active: made
    visible: wanting
    onWantingChanged: if (wanting) made = true
    Component.onCompleted: if (wanting) made = true
    sourceComponent: PushButton { spec: loader.spec ?? ({}); slim: loader.slim; kind: loader.slim ? "small" : "body" }
}
