using System.Xml;

namespace Fovea.Site.Links;

/// <summary>A link of a built page.</summary>
/// <param name="Element">The element that has it.</param>
/// <param name="Attribute"><c>href</c> or <c>src</c>.</param>
/// <param name="Target">What it names.</param>
internal sealed record PageLink(string Element, string Attribute, string Target)
{
    /// <summary>Whether it leads out of the site.</summary>
    public bool IsExternal => Target.Contains("://", StringComparison.Ordinal) || Target.StartsWith("//", StringComparison.Ordinal)
        || Target.StartsWith("mailto:", StringComparison.Ordinal);

    /// <summary>Whether it is followed by a reader's choice alone.</summary>
    public bool IsText => Element == "a";
}

/// <summary>What a built page links to and can be linked by. The pages are well-formed XML: no second idea of HTML is needed to read them.</summary>
/// <param name="Links">Every <c>href</c>, <c>src</c> and <c>data-index</c>.</param>
/// <param name="Anchors">Every <c>id</c>.</param>
internal sealed record BuiltPage(IReadOnlyList<PageLink> Links, IReadOnlySet<string> Anchors)
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null };

    /// <summary>Reads a page.</summary>
    /// <param name="path">Its file.</param>
    /// <exception cref="InvalidDataException">It is not well formed, or two elements have one id.</exception>
    public static BuiltPage Read(string path)
    {
        List<PageLink> links = [];
        HashSet<string> anchors = [];
        using XmlReader reader = XmlReader.Create(path, Settings);
        try
        {
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element) continue;
                string element = reader.Name;
                while (reader.MoveToNextAttribute())
                {
                    string value = reader.Value;
                    if (reader.Name is "href" or "src" or "data-index") links.Add(new PageLink(element, reader.Name, value));
                    else if (reader.Name == "id" && !anchors.Add(value)) throw new InvalidDataException($"{path}: two elements have the id {value}.");
                }
            }
        }
        catch (XmlException fault)
        {
            throw new InvalidDataException($"{path} is not well formed: {fault.Message}", fault);
        }
        return new BuiltPage(links, anchors);
    }
}
