namespace Fovea.Explorer.Guide;

/// <summary>The one table of keys: the list for people is made of it, and the script obeys that list.</summary>
internal static class KeyBindings
{
    /// <summary>The first field of a unit's note.</summary>
    private const string NoteField = "#" + Notes.NoteForm.NameField;

    /// <summary>The keys of a page.</summary>
    /// <param name="links">The page's links.</param>
    /// <param name="address">The page.</param>
    /// <param name="served">Whether there is a server behind it.</param>
    public static IReadOnlyList<KeyBinding> Of(Links links, PageAddress address, bool served)
    {
        List<KeyBinding> keys =
        [
            new("j", "Next unit or page", "click", "a[rel=next]"),
            new("ArrowRight", "Next unit or page", "click", "a[rel=next]"),
            new("k", "Previous unit or page", "click", "a[rel=prev]"),
            new("ArrowLeft", "Previous unit or page", "click", "a[rel=prev]"),
            new("o", "Heat over the images, or not", "click", ".heat-toggle"),
            new("/", "To the filter", "focus", ".controls input[type=search], .controls select"),
            new("g h", "To the first page", "go", links.To(PageAddress.Home)),
        ];
        if (address.LayerName is { } layer)
        {
            keys.Add(new("g l", "To the layer", "go", links.To(PageAddress.Layer(layer))));
            if (address.Name is { } source && source != RunLayout.Neurons && address.Kind is not (PageKind.Sweep or PageKind.Circuit))
                keys.Add(new("g d", "To the dictionary", "go", links.To(PageAddress.Dictionary(layer, source))));
        }
        keys.Add(new("g g", "To the gallery", "click", "a[href$='/g'], a[href*='/g?'], a[href$='/g/index.html']"));
        keys.Add(new("g w", "To the glossary (words)", "go", links.To(PageAddress.Glossary)));
        if (served)
        {
            keys.Add(new("g c", "To the comparison", "go", links.To(Compare.CompareFeature.Address)));
            if (address.Kind == PageKind.Feature)
            {
                keys.Add(new("n", "To the note", "focus", NoteField));
                keys.Add(new("m", "To the form that makes a picture", "focus", "form.order select"));
                keys.Add(new("i", "To images of yours", "focus", "#own-images a"));
            }
            keys.Add(new("Control+k", "Search", KeyBinding.Elsewhere, "search"));
            keys.Add(new("g i", "To your images", "go", links.To(Live.ImagesPage.Place)));
            if (address.Segments is [Live.ImagesPage.Segment, _])
            {
                keys.Add(new("p", "To the image", "focus", "[data-live-picture][tabindex]"));
                keys.Add(new("u", "To the units that answer", "focus", "#units tbody a"));
                keys.Add(new("c", "To the changes", "focus", "li[data-edit] input, #changes a"));
                keys.Add(new("Arrows", "Over the positions of the image, once it has the focus", KeyBinding.Elsewhere, "positions"));
                keys.Add(new("Enter", "Choose the position", KeyBinding.Elsewhere, "positions"));
                keys.Add(new("Control+z", "Undo a change", KeyBinding.Elsewhere, "changes"));
                keys.Add(new("Control+y", "Redo it", KeyBinding.Elsewhere, "changes"));
            }
        }
        keys.AddRange(
        [
            new("[", "Previous layer", "click", "[data-layer=prev]"),
            new("]", "Next layer", "click", "[data-layer=next]"),
            new("t", "Light or dark", "click", "[data-theme-switch]"),
            new("?", "These keys", "click", "[data-keys-open]"),
            new("Escape", "Close, or leave a field", "call", "close"),
        ]);
        return keys;
    }
}
