pragma Singleton
import QtQuick

// The one way from a control to the program. A second strike on the same control within half a second is a
// trembling hand, not a wish (EN 301 549 5.9); keys of a keyboard ask for their own, shorter time.
QtObject {
    id: door
    signal acted(act: string, argument: string)
    property string last: ""
    property double lastAt: 0

    function press(id: string, act: string, argument: string, quiet: int) {
        const now = Date.now()
        const gone = now - lastAt
        if (id === last && gone >= 0 && gone < quiet)   // a clock that was set back must not close a control
            return
        last = id
        lastAt = now
        acted(act, argument)
    }
}
