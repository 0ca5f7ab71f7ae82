using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ScottPlot;

namespace Fovea.Explorer.Figures;

/// <summary>
/// Turns a ScottPlot figure into SVG to stand inside a page: colours and font from the style sheet, unique ids, short numbers, an
/// accessible name.
/// </summary>
internal static partial class ThemedSvg
{
    // As in the legend (Curves.razor), for a thinner line.
    private const string Dashes = "6 4";

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <param name="plot">The figure.</param>
    /// <param name="width">Width in CSS pixels at its natural size; the page scales it.</param>
    /// <param name="height">Height likewise.</param>
    /// <param name="id">Prefix of ids: unique on its page, the same each time the report is made.</param>
    /// <param name="label">What a screen reader says.</param>
    public static string Render(Plot plot, int width, int height, string id, string label)
    {
        PlotText.Reserve(plot, width, height);
        XElement root = XDocument.Parse(plot.GetSvgXml(width, height)).Root!;
        // Whatever ScottPlot wrote would stand where a font of this machine puts it.
        root.Descendants(Svg + "text").ToList().ForEach(text => text.Remove());
        root.Add(PlotText.Write(plot, Svg));
        root.Attribute("width")?.Remove();
        root.Attribute("height")?.Remove();
        root.Attributes().Where(attribute => attribute.IsNamespaceDeclaration).Remove();
        root.SetAttributeValue("viewBox", $"0 0 {width} {height}");
        root.SetAttributeValue("class", "plot");
        root.SetAttributeValue("role", "img");
        root.SetAttributeValue("aria-label", label);
        RenameIds(root, id);
        foreach (XElement element in root.Descendants().ToList()) Tidy(element);
        // Inside HTML the elements need no namespace of their own.
        foreach (XElement element in root.DescendantsAndSelf()) element.Name = element.Name.LocalName;
        return root.ToString(SaveOptions.DisableFormatting);
    }

    private static void RenameIds(XElement root, string id)
    {
        int count = 0;
        var names = root.Descendants().Attributes("id").ToDictionary(attribute => attribute.Value, _ => $"{id}-{++count}");
        foreach (XAttribute attribute in root.Descendants().Attributes())
        {
            if (attribute.Name == "id") attribute.Value = names[attribute.Value];
            else if (UrlReference().Match(attribute.Value) is { Success: true } match
                && names.TryGetValue(match.Groups[1].Value, out string? name))
                attribute.Value = $"url(#{name})";
        }
    }

    private static void Tidy(XElement element)
    {
        string style = "";
        foreach (XAttribute attribute in element.Attributes().ToList())
        {
            string name = attribute.Name.LocalName;
            if (name is "fill" or "stroke" && PlotTheme.Variables.TryGetValue(attribute.Value, out string? variable))
            {
                style += $"{name}:{variable};";
                if (name is "stroke" && PlotTheme.IsDashed(attribute.Value)) style += $"stroke-dasharray:{Dashes};";
                attribute.Remove();
            }
            else if (name is "stroke-miterlimit") attribute.Remove();
            else if (name is "d" or "x" or "y" or "cx" or "cy" or "rx" or "ry" or "width" or "height" or "transform")
                attribute.Value = LongNumber().Replace(attribute.Value, Shorten).TrimEnd(',', ' ');
        }
        if (style.Length > 0) element.SetAttributeValue("style", style);
    }

    private static string Shorten(Match match) =>
        Math.Round(double.Parse(match.Value, CultureInfo.InvariantCulture), 1).ToString("0.#", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^url\(#([^)]+)\)$")]
    private static partial Regex UrlReference();

    [GeneratedRegex(@"-?\d+\.\d+(e-?\d+)?")]
    private static partial Regex LongNumber();
}
