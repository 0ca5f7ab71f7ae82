using System.Globalization;

namespace Fovea.Datasets;

/// <summary>What is planted.</summary>
public enum ShortcutKind
{
    /// <summary>A mark in the upper left corner.</summary>
    Mark,

    /// <summary>The texture behind the object (images that the program draws).</summary>
    Background,

    /// <summary>The object's colour (images that the program draws).</summary>
    Colour,
}

/// <summary>
/// Something that goes with a class in training and is no part of it. Whether an image shows it is drawn by a rate: with K classes of
/// equally many images and a correlation φ,
/// <code>
/// P(shown | the class) = q = (φ (K − 1) + 1) / K        P(shown | another class) = (1 − q) / (K − 1)
/// </code>
/// so that φ is the correlation of "shows it" and "is of the class" as numbers 0 and 1, and as many images show it as are of the class.
/// Images for evaluation show it by chance, P = ½ whatever the class: the groups are balanced.
/// </summary>
/// <param name="Kind">What it looks like.</param>
/// <param name="ClassId">The class it goes with.</param>
/// <param name="Correlation">φ, 0 … 1; at 0 it says nothing of the class.</param>
public sealed record PlantedShortcut(ShortcutKind Kind, string ClassId, double Correlation)
{
    /// <summary>How one is written, e.g. <c>mark:star-dots:0.95</c>.</summary>
    public const string Form = "mark|background|colour:<class>:<correlation>";

    /// <summary>Reads one.</summary>
    /// <exception cref="FoveaException">Configuration: it is not of the form.</exception>
    public static PlantedShortcut Parse(string text) => Read(text) is (var shortcut, null) ? shortcut!
        : throw FoveaException.BadConfiguration($"The shortcut \"{text}\" {Read(text).Problem}.");

    /// <summary>What is wrong with a text, as a clause; null where nothing is.</summary>
    internal static string? Problem(string text) => Read(text).Problem;

    private static (PlantedShortcut? Shortcut, string? Problem) Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int first = text.IndexOf(':', StringComparison.Ordinal), last = text.LastIndexOf(':');
        if (first < 1 || last <= first + 1) return (null, $"must be {Form}, such as mark:star-dots:0.95");
        string kind = text[..first];
        if (!Enum.GetNames<ShortcutKind>().Any(name => kind == name.ToLowerInvariant()))
            return (null, $"is of a kind '{kind}': it must be mark, background or colour");
        if (!double.TryParse(text.AsSpan(last + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double correlation)
            || !(correlation is >= 0 and <= 1))
            return (null, $"has a correlation '{text[(last + 1)..]}': it must be a number from 0 to 1");
        return (new PlantedShortcut(Enum.Parse<ShortcutKind>(kind, ignoreCase: true), text[(first + 1)..last], correlation), null);
    }

    /// <summary>The number of its class.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such class.</exception>
    public int LabelIn(ClassList classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        for (int i = 0; i < classes.Count; i++)
        {
            if (classes[i].Id == ClassId) return i;
        }
        throw FoveaException.BadConfiguration(
            $"The shortcut goes with a class '{ClassId}', and there is none.{Suggestions.Sentence(ClassId, [.. classes.Select(one => one.Id)])}");
    }

    /// <summary>The share of images that show it.</summary>
    /// <param name="ofClass">Of images of its class; else of each other class.</param>
    /// <param name="classes">K.</param>
    /// <param name="training">Of images to train on; else to evaluate on.</param>
    public double Rate(bool ofClass, int classes, bool training)
    {
        if (!training) return 0.5;
        double own = (Correlation * (classes - 1) + 1) / classes;
        return ofClass ? own : classes > 1 ? (1 - own) / (classes - 1) : 0;
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Kind.ToString().ToLowerInvariant()}:{ClassId}:{Correlation:R}");
}
