using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Runs.Settings;

namespace Fovea.Runs;

/// <summary>Opens the images of a run as its settings name them.</summary>
public static class RunSources
{
    private const int GeneratedForTraining = 6000, GeneratedForValidation = 1200;

    /// <summary>Whether a recipe's source is made by the program and lies nowhere.</summary>
    public static bool IsGenerated(string source) => source == "shapesworld";

    /// <summary>
    /// The training or the validation images; the caller disposes them. Where the run trains and the data have no validation split, a
    /// seeded part of the training images is held out for validation, the same in every stage; the source's notes say so.
    /// </summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="training">Those that training reads; else those that evaluation reads.</param>
    /// <param name="folder">Folder that relative paths of the settings start from.</param>
    /// <param name="limited">False for all images of the split, also those that a limit keeps from the run. Generated ones have no
    /// others.</param>
    /// <exception cref="FoveaException">There is nothing there, or it is no source of images.</exception>
    public static IImageSource Open(WorkflowSettings settings, bool training, string folder, bool limited = true)
    {
        using ImageCollection place = Place(settings, folder);
        return Open(place, settings, training, folder, limited);
    }

    /// <summary>
    /// The images that evaluation reads and those that were harvested, of one place that is opened once; the caller disposes both.
    /// </summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="folder">Folder that relative paths of the settings start from.</param>
    /// <exception cref="FoveaException">As <see cref="Open(WorkflowSettings, bool, string, bool)"/>.</exception>
    public static (IImageSource Validation, IImageSource Harvested) OpenBoth(WorkflowSettings settings, string folder)
    {
        using ImageCollection place = Place(settings, folder);
        IImageSource validation = Open(place, settings, training: false, folder);
        try
        {
            return (validation, Open(place, settings, settings.Harvest?.Split == "train", folder));
        }
        catch
        {
            validation.Dispose();
            throw;
        }
    }

    /// <summary>The place of a run's images, which training and validation images are both of; nothing is opened yet.</summary>
    internal static ImageCollection Place(WorkflowSettings settings, string folder)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ImageCollection(Path.GetFullPath(settings.Data.Source, Path.GetFullPath(folder)));
    }

    /// <summary>As the other; of a place that several sources are opened from.</summary>
    internal static IImageSource Open(ImageCollection place, WorkflowSettings settings, bool training, string folder, bool limited = true)
    {
        var data = settings.Data;
        string split = training ? data.TrainSplit : data.ValidationSplit;
        int? limit = training ? data.TrainImages : data.ValidationImages;
        if (IsGenerated(data.Source))
        {
            if (settings.Train is not null && data.TrainSplit == data.ValidationSplit)
            {
                throw FoveaException.BadConfiguration($"data.train_split and data.validation_split are both \"{split}\": "
                    + "the network would be evaluated on the images it is trained on. Name two splits.");
            }
            int count = limit ?? (training ? GeneratedForTraining : GeneratedForValidation);
            if (data.Shortcut is null) return ImageSources.Open($"shapesworld:{split}:{count}?seed={settings.Seed}", new ImageSourceOptions());
            return Planted(split, count, settings);
        }
        IImageSource source = place.Open(new ImageSourceOptions
        {
            Split = split,
            // Weights that are not trained here are evaluated on all there is; those that are, never on what they were trained on.
            HoldOut = settings.Train is null ? null : new HoldOut
            {
                TrainSplit = data.TrainSplit,
                ValidationSplit = data.ValidationSplit,
                Fraction = data.ValidationFraction,
                Seed = settings.Seed,
                Validation = !training,
            },
            Classes = data.Classes is null ? null : Path.GetFullPath(data.Classes, Path.GetFullPath(folder)),
            Labels = data.Labels is null ? null : Path.GetFullPath(data.Labels, Path.GetFullPath(folder)),
            Layout = data.Layout == "auto" ? null : data.Layout,
            Unlabelled = !NetworkClasses.AreOfImages(settings.Model),
            Limit = limited ? limit : null,
        });
        try
        {
            return data.Shortcut is null ? source : new MarkedSource(source, PlantedShortcut.Parse(data.Shortcut), settings.Seed, training);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Generated images that a run neither trains on nor evaluates on while it trains: those of the split <c>test</c>, with what the recipe
    /// plants.
    /// </summary>
    /// <param name="settings">The run's settings.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="FoveaException">Configuration: too many, or the shortcut's class is none.</exception>
    public static IImageSource Judged(WorkflowSettings settings, int count)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.Data.Shortcut is null ? ImageSources.Open($"shapesworld:test:{count}?seed={settings.Seed}", new ImageSourceOptions())
            : Planted("test", count, settings);
    }

    /// <summary>Generated images of a split, with the shortcut of the recipe.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such split, or the shortcut's class is none.</exception>
    internal static ShapesWorldSource Planted(string split, int count, WorkflowSettings settings)
    {
        if (!ShapesWorld.Splits.Contains(split))
        {
            throw FoveaException.BadConfiguration(
                $"ShapesWorld has no split \"{split}\".{Suggestions.Sentence(split, [.. ShapesWorld.Splits])}");
        }
        if (count > ShapesWorldSource.MaximumCount)
            throw FoveaException.BadConfiguration($"ShapesWorld has {ShapesWorldSource.MaximumCount} images a split, not {count}.");
        return new ShapesWorldSource(split, count, settings.Seed, PlantedShortcut.Parse(settings.Data.Shortcut!));
    }

    /// <summary>The images that a layer's dictionaries are evaluated on in the network: none that their vectors were trained on.</summary>
    /// <param name="validation">The images that evaluation reads.</param>
    /// <param name="harvested">Those that the layer was harvested from.</param>
    /// <param name="store">The layer's vectors.</param>
    /// <returns>One of the two sources, and the indices to evaluate; null for all.</returns>
    public static (IImageSource Source, IReadOnlyList<int>? Images) EvaluationImages(
        IImageSource validation, IImageSource harvested, ActivationStore store)
    {
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(harvested);
        ArgumentNullException.ThrowIfNull(store);
        return validation.Fingerprint != harvested.Fingerprint ? (validation, null) : (harvested, store.Manifest.Split.ValidationImages);
    }

    /// <summary>How many images <see cref="EvaluationImages"/> will give, before the layer is harvested.</summary>
    internal static int EvaluationCount(RunContext context)
    {
        if (context.Validation.Fingerprint != context.Harvested.Fingerprint) return context.Validation.Count;
        var harvest = context.Settings.Harvest!;
        int images = Math.Min(harvest.Images ?? context.Harvested.Count, context.Harvested.Count);
        return (int)Math.Round(harvest.ValidationFraction * images);
    }
}
