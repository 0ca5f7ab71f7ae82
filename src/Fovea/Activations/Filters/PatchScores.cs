using Fovea.Activations.Filters.ClassActivation;

namespace Fovea.Activations.Filters;

/// <summary>The catalogue of patch scores: a new one is a file and a line here.</summary>
public static class PatchScores
{
    private static readonly Dictionary<string, Func<double, IPatchScore>> Catalogue = new(StringComparer.Ordinal)
    {
        [NoFilter.FilterName] = _ => new NoFilter(),
        ["magnitude"] = _ => new Magnitude(),
        ["active"] = threshold => new ActiveUnits(threshold),
        ["median"] = _ => new Median(),
        ["maximum"] = _ => new Maximum(),
        ["gradcam"] = _ => new GradCam(),
        ["gradcam-signed"] = _ => new SignedGradCam(),
        ["hirescam"] = _ => new HiResCam(),
        ["layercam"] = _ => new LayerCam(),
        ["gradcam-pp"] = _ => new GradCamPlusPlus(),
        ["xgradcam"] = _ => new XGradCam(),
        ["eigencam"] = _ => new EigenCam(),
        ["ablationcam"] = _ => new AblationCam(),
    };

    /// <summary>
    /// The names, in the order of the paper after <c>none</c>, then the class activation maps that the paper leaves to others.
    /// </summary>
    public static IReadOnlyList<string> Names => [.. Catalogue.Keys];

    /// <summary>Whether the score of that name is about one class's number: it has no meaning for networks without classes.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="FoveaException">There is no such score.</exception>
    public static bool NeedClasses(string name) => Create(name).Needs != LayerNeed.Activations;

    /// <summary>The score of that name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="activeThreshold">ε of the number of active units.</param>
    /// <exception cref="FoveaException">There is no such score.</exception>
    public static IPatchScore Create(string name, double activeThreshold = 0.1) => Catalogue.TryGetValue(name, out var create)
        ? create(activeThreshold)
        : throw FoveaException.BadConfiguration($"There is no filter '{name}'. There are: {string.Join(", ", Names)}.");
}
