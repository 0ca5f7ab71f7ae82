using Fovea.Activations.Filters;

namespace Fovea.Runs.Settings;

/// <summary>What a run leaves out where its network has no classes, or others than its images, and what it says of that.</summary>
internal static class WithoutClasses
{
    private const string Splices = "Accuracy with a dictionary spliced in is left out; in its place stand the cosine and the relative "
        + "error of the network's answer.";

    /// <summary>The harvest with the filters that the network can give.</summary>
    public static HarvestSettings Of(HarvestSettings harvest, ModelSettings model) => model.Classes == NetworkClasses.None
        ? harvest with { Filters = [.. harvest.Filters.Where(filter => !Needed(filter))] } : harvest;

    /// <summary>What is left out and why, in sentences; nothing where the network has the images' classes.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="labelled">Whether its images have labels.</param>
    public static IReadOnlyList<string> LeftOut(WorkflowSettings settings, bool labelled)
    {
        if (NetworkClasses.AreOfImages(settings.Model)) return [];
        return settings.Model.Classes == NetworkClasses.Other ? OtherClasses(settings, labelled) : NoClasses(settings, labelled);
    }

    private static List<string> OtherClasses(WorkflowSettings settings, bool labelled)
    {
        List<string> said =
        [
            "The network's classes are not those of the images ([model] classes): its accuracy and its errors are left out.",
            labelled ? "The labels of the images serve evidence alone: which of them a unit stands for, and how pure it is."
                : "The classes that units stand for, and how pure they are, are left out: the images have no labels.",
        ];
        string[] filters = [.. (settings.Harvest?.Filters ?? []).Where(Needed)];
        if (filters.Length > 0)
            said.Add($"The filters {string.Join(", ", filters)} are maps of the class that the network predicts, not of the image's own.");
        if (settings.Dictionary.Any(one => one.Splice) || settings.Sweep.Any(one => one.Splice)) said.Add(Splices);
        return said;
    }

    private static List<string> NoClasses(WorkflowSettings settings, bool labelled)
    {
        List<string> said = ["The network has no classes ([model] classes): its accuracy and its errors are left out."];
        string[] filters = [.. (settings.Harvest?.Filters ?? []).Where(Needed)];
        if (filters.Length > 0)
            said.Add($"The filters {string.Join(", ", filters)} are left out: they are maps of one class's number.");
        if (settings.Dictionary.Any(one => one.Splice) || settings.Sweep.Any(one => one.Splice)) said.Add(Splices);
        if (settings.Proof is { } proof)
        {
            said.Add("Effects of units ([proof]) are on how much of the network's unchanged answer is left, in place of a class's logit.");
            if (proof.CurveClasses > 0) said.Add("Curves of classes' units (proof.curve_classes) are left out.");
        }
        if (settings.Features is { } features)
        {
            said.Add("What each unit adds to the classes' numbers is left out.");
            if (features.ClassPictures > 0) said.Add("Pictures of classes (features.class_pictures) are left out.");
            if (!labelled) said.Add("The classes that units stand for, and how pure they are, are left out: the images have no labels.");
        }
        return said;
    }

    // A filter that is not known is refused by another rule.
    private static bool Needed(string filter) => PatchScores.Names.Contains(filter) && PatchScores.NeedClasses(filter);
}
