using System.Globalization;
using Fovea.Datasets;
using Fovea.Models;

namespace Fovea.Runs;

/// <summary>Finds the classes that a command line names.</summary>
public static class ClassNames
{
    /// <summary>The class of a number, an id or a name (whatever its case), or of each in a list with commas.</summary>
    /// <exception cref="FoveaException">There is none, or several have the name.</exception>
    public static IEnumerable<int> Find(ClassList classes, string text)
    {
        if (classes.Find(text) is not [] || !text.Contains(',', StringComparison.Ordinal)) return [One(classes, text)];
        return text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(word => One(classes, word));
    }

    /// <summary>
    /// The class of a network by number, id or name; by number alone where its classes have no names.
    /// </summary>
    /// <exception cref="FoveaException">Configuration: there is none, or several have the name.</exception>
    public static int One(ImageModel model, string word)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(word);
        return model.Classes is null && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < model.Outputs
            ? number : One(model.RequireClasses(), word);
    }

    private static int One(ClassList classes, string word) => classes.Find(word) switch
    {
        [var only] => only,
        [] => throw FoveaException.BadConfiguration(int.TryParse(word, out _)
            ? $"Class {word} does not exist: the network has {classes.Count} classes, counted from 0."
            : $"The network has no class '{word}'. "
                + (Suggestions.Nearest(word, classes.SelectMany(one => new[] { one.Id, one.Name })) is { } near
                    ? $"Did you mean '{near}'?" : $"Classes have names such as '{classes[0].Name}'.")),
        var several => throw FoveaException.BadConfiguration(
            $"Several classes are called '{word}': give the number of one ({string.Join(", ", several)})."),
    };
}
