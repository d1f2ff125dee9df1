(function (root) {
    const out = []
    function box(item) {
        const p = item.mapToItem(null, 0, 0)
        return { x: p.x, y: p.y, w: item.width, h: item.height }
    }
    function meet(a, b) {
        const x = Math.max(a.x, b.x), y = Math.max(a.y, b.y)
        return { x: x, y: y, w: Math.min(a.x + a.w, b.x + b.w) - x, h: Math.min(a.y + a.h, b.y + b.h) - y }
    }
    function rec(item, clip, scrolled, owner) {
        if (!item.visible || item.opacity === 0 || item.width === undefined)
            return
        const here = box(item)
        if (item.clip)
            clip = meet(clip, here)
        scrolled = scrolled || (item.contentY !== undefined && item.interactive === true)
        const isText = item.contentWidth !== undefined && item.text !== undefined && item.font !== undefined && item.contentItem === undefined
        const isButton = item.clicked !== undefined && item.down !== undefined && item.contentItem !== undefined
        const id = item.Accessible !== undefined ? String(item.Accessible.id ?? "") : ""
        if (isText && String(item.text) !== "")
            out.push({ kind: "text", text: String(item.text), id: id, x: here.x, y: here.y, w: here.w, h: here.h,
                contentWidth: item.contentWidth, contentHeight: item.contentHeight, truncated: item.truncated === true,
                pixels: item.fontInfo !== undefined ? item.fontInfo.pixelSize : item.font.pixelSize, least: item.minimumPixelSize ?? 0, fits: item.fontSizeMode ?? 0,
                bold: item.font.bold, color: String(item.color), clip: clip, scrolled: scrolled, owner: owner })
        if (isButton)
            out.push({ kind: "button", text: String(item.text), id: id, name: String(item.Accessible.name ?? ""), x: here.x, y: here.y, w: here.w, h: here.h,
                clip: clip, scrolled: scrolled, enabled: item.enabled })
        if (!isText && !isButton && id !== "")
            out.push({ kind: "item", id: id, name: String(item.Accessible.name ?? ""), x: here.x, y: here.y, w: here.w, h: here.h, clip: clip, scrolled: scrolled })
        for (let i = 0; i < item.children.length; i++)
            rec(item.children[i], clip, scrolled, isButton ? id : owner)
    }
    rec(root, { x: 0, y: 0, w: root.width, h: root.height }, false, "")
    return JSON.stringify(out)
})(contentItem)
