import QtQuick
import Kiosk.Style
import Kiosk.Controls
import Kiosk.Screens

// The window: `news` says in JSON which of `comfort`, `chrome`, `clock`, `page` and `over` look different now (objects that
// QML made itself are read faster than ones that Qt converts at each reading, and stay the same ones); what a person does
// leaves by `acted`. All pages exist from the start, so that the first time of each is as quick as the tenth.
Window {
    id: window
    property var comfort: ({})
    property var chrome: ({})
    property string clock: ""
    property var page: ({})
    property var over: ({})
    property string news: ""
    onNewsChanged: {
        const told = JSON.parse(news)
        for (const name of ["comfort", "chrome", "clock", "page", "over"])
            if (told[name] !== undefined)
                window[name] = told[name]
    }
    property Item current: null
    property Frame typing: question     // the page that has the keyboard
    property var trail: []              // the pages on the way to this one, and how far each was scrolled when it was left
    readonly property bool settled: (current !== content || content.whole) && (current !== question || question.whole) && (current !== check || check.whole) && (current !== menu || menu.whole)   // whether all of a long page is there
    signal acted(string act, string argument)
    visible: false
    width: 1080
    height: 1920
    flags: Qt.Window | Qt.FramelessWindowHint
    color: Style.ground
    title: "Guichet"
    LayoutMirroring.enabled: Style.rightToLeft
    LayoutMirroring.childrenInherit: true
    Binding { target: Style; property: "screenWidth"; value: window.width }
    Binding { target: Style; property: "screenHeight"; value: window.height }
    Connections {
        target: Door
        function onActed(act: string, argument: string) { window.acted(act, argument) }
    }
    readonly property var screens: ({
        welcome: welcome, language: language, insertCard: insertCard, pin: pin, message: message, menu: menu,
        question: question, check: check, confirm: confirm, progress: progress, receipt: receipt, code: code,
        content: content
    })
    onComfortChanged: {
        Style.textPercent = comfort.textScale ?? 100
        Style.highContrast = comfort.highContrast ?? false
        Style.lowered = comfort.lowered ?? false
        Style.rightToLeft = comfort.rightToLeft ?? false
    }
    onChromeChanged: {
        Style.scrollUp = chrome.scrollUp ?? ""
        Style.scrollDown = chrome.scrollDown ?? ""
    }
    function arrive(place: string, left: real): real {   // how far down a page begins: where it was left, on the way back to it
        const last = trail.length - 1
        if (trail[last]?.place === place)
            return -1
        if (last >= 0)
            trail[last].at = left
        const before = trail.findIndex(one => one.place === place)
        const at = before < 0 ? 0 : trail[before].at
        trail = before < 0 ? trail.slice(-40).concat([{ place: place, at: 0 }]) : trail.slice(0, before + 1)
        return at
    }
    onPageChanged: {
        const next = screens[page.screen] ?? null
        if (next === null)
            return
        const fields = page.fields ?? next.f     // without fields: as it was shown last
        const begin = arrive(page.screen + " " + (fields.of ?? ""), (current as Frame)?.scrolled ?? 0)
        Style.lettered = ["words", "lines", "email"].includes(fields.keys)
        if (next.keyable ?? false) {
            typing.keysHeight = 0
            typing = next
            next.keysHeight = Qt.binding(() => keys.implicitHeight)
        }
        if (next.f !== fields)
            next.f = fields
        if (current !== next) {
            if (current !== null)
                current.visible = false
            next.visible = true
            current = next
        }
        if (begin >= 0 && next instanceof Frame)
            next.goDown((fields.problem ?? "") === "" ? begin : 0)   // what is wrong stands at the top
    }
    Keyboard {
        id: keys
        parent: window.typing.keysPlace
        anchors.fill: parent
        lines: 5
        across: 11
        room: window.typing.keysRoom
        texts: window.typing.keys
        kind: window.typing.keysKind
        language: window.typing.keysLanguage
        languages: window.typing.keysLanguages
        capital: window.typing.keysCapital
    }
    Rectangle {   // above what is in reach, when the screen is lowered
        width: parent.width
        height: parent.height - inUse.height
        visible: height > 0
        color: Style.highContrast ? "#000000" : "#083650"
        Icon { anchors.centerIn: parent; name: "heart-handshake"; tone: Style.highContrast ? "#ffe14d" : "#5f93b3"; size: Math.min(Style.dp(160), parent.height * 0.5); stroke: "1.5" }
    }
    Item {
        id: inUse
        width: window.width     // known before the window is shown; its content's size is not
        height: Math.round(window.height * Style.reach)
        y: window.height - height
        enabled: !overlay.visible
        Header {
            id: header
            width: parent.width
            visible: !welcome.visible
            chrome: window.chrome
            clock: window.clock
            z: 2
        }
        Item {
            id: stage
            anchors.top: header.bottom
            anchors.left: parent.left
            anchors.right: Style.portrait ? parent.right : tools.left
            anchors.bottom: Style.portrait ? tools.top : parent.bottom
            LanguageScreen { id: language; visible: false }
            InsertCardScreen { id: insertCard; visible: false }
            PinScreen { id: pin; visible: false }
            MessageScreen { id: message; visible: false }
            MenuScreen { id: menu; visible: false }
            QuestionScreen { id: question; visible: false }
            CheckScreen { id: check; visible: false }
            ConfirmScreen { id: confirm; visible: false }
            ProgressScreen { id: progress; visible: false }
            ReceiptScreen { id: receipt; visible: false }
            CodeScreen { id: code; visible: false }
            ContentScreen { id: content; visible: false }
        }
        WelcomeScreen {
            id: welcome
            visible: false
            chrome: window.chrome
            clock: window.clock
            anchors.top: parent.top
            anchors.left: parent.left
            anchors.right: Style.portrait ? parent.right : tools.left
            anchors.bottom: Style.portrait ? tools.top : parent.bottom
        }
        Tools {
            id: tools
            anchors.bottom: parent.bottom
            anchors.right: parent.right
            width: Style.portrait ? parent.width : implicitWidth
            height: Style.portrait ? implicitHeight : parent.height - (header.visible ? header.height : 0)
            controls: window.chrome.controls ?? []
            z: 2
        }
    }
    Overlay { id: overlay; f: window.over; anchors.fill: parent; z: 3 }
}
