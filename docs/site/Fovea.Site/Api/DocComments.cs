using System.Reflection;
using System.Xml.Linq;

namespace Fovea.Site.Api;

/// <summary>The comments of an assembly's types and members, with those that are inherited (<c>inheritdoc</c>) put in their place.</summary>
internal sealed class DocComments
{
    private readonly Dictionary<string, XElement> _comments;
    private readonly ApiCatalogue _catalogue;

    /// <param name="file">The compiler's documentation file.</param>
    /// <param name="catalogue">The assembly's types.</param>
    public DocComments(string file, ApiCatalogue catalogue)
    {
        _catalogue = catalogue;
        // White space is kept: it is part of examples.
        _comments = XDocument.Load(file, LoadOptions.PreserveWhitespace).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value);
        foreach (XElement comment in _comments.Values) PutMainFirst(comment);
    }

    /// <summary>The comment of a type or member.</summary>
    /// <param name="member">The type or member.</param>
    /// <returns>An element with <c>summary</c>, <c>param</c> and so on; empty where there is none.</returns>
    public XElement Of(MemberInfo member) => Find(member) ?? FromRecord(member) ?? FromCompiler(member) ?? new XElement("member");

    // Each file of a partial type may say what it holds; what says most says what the type is.
    private static void PutMainFirst(XElement comment)
    {
        XElement[] summaries = [.. comment.Elements("summary")];
        if (summaries.Length < 2) return;
        foreach (XElement summary in summaries) summary.Remove();
        comment.AddFirst(summaries.OrderByDescending(summary => summary.Value.Length));
    }

    private XElement? Find(MemberInfo member) => _comments.TryGetValue(DocIds.Of(member), out XElement? own) ? Complete(own, member) : null;

    private XElement Complete(XElement own, MemberInfo? member)
    {
        if (own.Element("inheritdoc") is not { } inherit) return own;
        XElement? from = inherit.Attribute("cref")?.Value is { } cref ? Named(cref) : member is null ? null : FromBase(member);
        var whole = new XElement("member", own.Nodes().Where(node => node != inherit));
        if (from is null) return whole;
        foreach (XElement part in from.Elements().Where(part => !whole.Elements(part.Name).Any(mine => Key(mine) == Key(part)))) whole.Add(new XElement(part));
        return whole;
    }

    private static string? Key(XElement part) => (part.Attribute("name") ?? part.Attribute("cref"))?.Value;

    private XElement? Named(string id) => _comments.TryGetValue(id, out XElement? found) ? Complete(found, _catalogue.Find(id)) : null;

    private XElement? FromBase(MemberInfo member)
    {
        XElement? outside = null;
        foreach (MemberInfo based in BaseMembers.Of(member))
        {
            if (Find(based) is { } found) return found;
            // What is inherited from another library is described there.
            outside ??= new XElement("member", new XElement("summary", "As in ", new XElement("c", DocIds.Of(based)[2..].Split('(')[0]), "."));
        }
        return outside;
    }

    // A constructor that nobody wrote has no comment.
    private static XElement? FromCompiler(MemberInfo member) => member is ConstructorInfo constructor && constructor.GetParameters().Length == 0
        ? new XElement("member", new XElement("summary", "Takes nothing."))
        : null;

    // A record's parameters are its properties: one comment is for both.
    private XElement? FromRecord(MemberInfo member)
    {
        if (member is not PropertyInfo || member.DeclaringType is not { } type) return null;
        XElement? parameter = Find(type)?.Elements("param").FirstOrDefault(one => one.Attribute("name")?.Value == member.Name);
        return parameter is null ? null : new XElement("member", new XElement("summary", parameter.Nodes()));
    }
}
