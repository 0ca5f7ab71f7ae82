using System.Globalization;

namespace Fovea.Datasets;

/// <summary>
/// ImageNet (ILSVRC2012) as it ships: training images in folders of WordNet ids (or in the tar of tars), validation images flat,
/// <c>ILSVRC2012_val_00000001.JPEG</c>, with their labels in the devkit or in Kaggle's <c>LOC_val_solution.csv</c>. Classes in the order of
/// WordNet ids, which is torchvision's; the devkit's own numbers follow another.
/// </summary>
public sealed class ImageNetLayout : IImageLayout
{
    private const string Validation = "ILSVRC2012_val_", Test = "ILSVRC2012_test_";

    /// <summary>Where the labels of the validation images are; null: looked for in the tree and beside it.</summary>
    public string? Labels { get; init; }

    /// <inheritdoc/>
    public string Name => "imagenet";

    /// <inheritdoc/>
    public bool Matches(IFileTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        // Own classes beside flat validation images are not ImageNet's, unless its labels are there.
        string[] images = [.. tree.Files.Select(file => file.Name).Where(ImageFiles.IsImage)];
        return images.Any(IsFlatValidation) && (images.All(IsOurs) || GroundTruthFiles.IsIn(tree));
    }

    /// <inheritdoc/>
    /// <exception cref="FoveaException">There are no images of it, or only validation images without labels.</exception>
    public DataReading Read(IFileTree tree, string? classes)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var notes = new List<string>();
        GroundTruth? truth = GroundTruthFiles.Find(tree, Labels);
        List<TreeFile> train = [], validation = [], test = [], beside = [];
        foreach (TreeFile file in tree.Files)
        {
            if (!ImageFiles.IsImage(file.Name)) continue;
            string name = BaseName(file.Name);
            if (name.StartsWith(Validation, StringComparison.Ordinal)) validation.Add(file);
            else if (name.StartsWith(Test, StringComparison.Ordinal)) test.Add(file);
            else if (ClassOf(file.Name) is not null) train.Add(file);
            else beside.Add(file);
        }
        if (train.Count + validation.Count == 0)
            throw FoveaException.BadData($"{tree.Description} holds no images of ImageNet{DataNotes.Instead(tree)}.");
        string missing = $"the validation images have no labels: put {GroundTruthFiles.Devkit} or {GroundTruthFiles.Kaggle} beside them, or "
            + "name one of them as the labels";
        if (truth is null && train.Count == 0) throw FoveaException.BadData($"{tree.Description}: {missing}.");
        ClassList list = Classes(tree, classes, truth, train, validation);
        LabelledFile[] trained = [.. train.Select(file => Labelled(file, list.IndexOf(ClassOf(file.Name)!)))];
        LabelledFile[] validated = truth is null ? [] : [.. validation.Select(file => Labelled(file, LabelOf(tree, file, truth, list)))];
        if (truth is not null && validation.Count > 0) Count(notes, tree, validation, truth);
        if (beside.Count > 0)
            notes.Add($"Left out: {beside.Count} {(beside.Count == 1 ? "image" : "images")} in no folder of a class ({beside[0].Name}).");
        DataNotes.Tree(notes, tree);
        SplitReading[] splits =
        [
            Split("train", train, trained, null),
            Split("val", validation, validated, truth is null ? missing : null),
            Split("test", test, [], "the test images have no labels"),
        ];
        return new DataReading
        {
            Layout = Name,
            Root = "",
            Splits = [.. splits.Where(split => split.Images > 0)],
            Classes = list,
            Notes = notes,
        };
    }

    private static ClassList Classes(
        IFileTree tree, string? classes, GroundTruth? truth, List<TreeFile> train, List<TreeFile> validation)
    {
        if (classes is not null) return ClassTable.Read(classes);
        if ((truth?.Classes ?? GroundTruthFiles.Classes(tree)) is { } known) return known;
        var ids = train.Select(file => ClassOf(file.Name)!)
            .Concat(validation.Select(file => truth?.Of(BaseName(file.Name))).OfType<string>()).Distinct(StringComparer.Ordinal);
        return ClassTable.Named(ids.Order(StringComparer.Ordinal), []);
    }

    private static int LabelOf(IFileTree tree, TreeFile file, GroundTruth truth, ClassList classes)
    {
        string id = truth.Of(BaseName(file.Name)) ?? throw FoveaException.BadData(string.Create(CultureInfo.InvariantCulture,
            $"{truth.Where} labels {truth.Labels:#,0} images and says nothing of {file.Name} in {tree.Description}. "
                + $"Take the labels and the images of one set; all of ImageNet's are 50,000."));
        int label = classes.IndexOf(id);
        return label >= 0 ? label : throw FoveaException.BadData(
            $"{tree.Description} is mislabelled: {file.Name} is of class {id}, which is not in the list of {classes.Count} classes.");
    }

    private static void Count(List<string> notes, IFileTree tree, List<TreeFile> validation, GroundTruth truth)
    {
        notes.Add($"The labels of the validation images are those of {truth.Where}.");
        if (validation.Select(file => BaseName(file.Name)).Distinct(StringComparer.Ordinal).Count() is var names && names < validation.Count)
        {
            throw FoveaException.BadData(
                $"{tree.Description} holds {validation.Count - names} validation images twice, in several places. Give one copy.");
        }
        if (validation.Count < truth.Labels)
            notes.Add(string.Create(
                CultureInfo.InvariantCulture, $"{validation.Count:#,0} of {truth.Labels:#,0} validation images are there."));
    }

    private static SplitReading Split(string name, List<TreeFile> files, LabelledFile[] labelled, string? fault) => new()
    {
        Name = name,
        Folders = [.. files.Select(file => Folder(file.Name, name == "train")).Distinct(StringComparer.Ordinal).Take(3)],
        Files = labelled,
        Images = files.Count,
        Fault = fault,
    };

    private static LabelledFile Labelled(TreeFile file, int label) =>
        new(file.Name, file.Name, label, file.Size, file.Target ?? file.Name);

    private static bool IsFlatValidation(string name) =>
        BaseName(name).StartsWith(Validation, StringComparison.Ordinal) && ClassOf(name) is null;

    private static bool IsOurs(string name) => ClassOf(name) is not null || BaseName(name).StartsWith(Validation, StringComparison.Ordinal)
        || BaseName(name).StartsWith(Test, StringComparison.Ordinal);

    /// <summary>The folder that an image lies in, where that is a class.</summary>
    private static string? ClassOf(string name)
    {
        int end = name.LastIndexOf('/');
        if (end < 0) return null;
        string folder = name[(name.LastIndexOf('/', end - 1) + 1)..end];
        return WordNet.IsId(folder) ? folder : null;
    }

    private static string Folder(string name, bool isClass)
    {
        int end = name.LastIndexOf('/');
        if (isClass && end > 0) end = name.LastIndexOf('/', end - 1);
        return end < 0 ? "" : name[..(end + 1)];
    }

    private static string BaseName(string name)
    {
        int start = name.LastIndexOf('/') + 1, dot = name.LastIndexOf('.');
        return dot > start ? name[start..dot] : name[start..];
    }
}
