using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Interventions.Effects;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Speed;

namespace Fovea.Runs.Stages.Proof;

/// <summary>
/// What units do, in a run folder: <c>proof/&lt;layer&gt;/&lt;source&gt;/</c> for the neurons of every harvested layer and the latents of
/// every dictionary, <c>proof/&lt;layer&gt;/curves.json</c>, and where dictionaries differ by their seed alone
/// <c>proof/&lt;layer&gt;/replication.json</c>. Parts: each source of each layer, latents measured in two ways at once, and the curves and the
/// replication of each layer.
/// </summary>
internal sealed class ProofStage(WorkflowSettings recipe, ProofSettings proof) : IStage
{
    /// <summary>The name, for what reports progress.</summary>
    public const string StageName = "proof";

    /// <summary>The yardsticks beside neurons and dictionaries.</summary>
    private static readonly string[] Baselines = [PrincipalComponents.DictionaryName, RandomDirections.DictionaryName];

    public string Name => StageName;

    public IReadOnlyList<string> After => ["harvest", .. recipe.Dictionary.Select(DictionaryStage.NameOf)];

    public string Folder(RunFolder run) => run.Proof;

    public StageInputs Inputs(RunContext context) => new ProofInputs(recipe.Seed, context.Validation.Fingerprint, proof);

    public void Check(RunContext context)
    {
        foreach (string layer in recipe.Harvest!.Layers) context.Shapes.Of(layer);
        if (Count(context) < 2)
            throw FoveaException.BadConfiguration("[proof] needs images that no dictionary is trained on, and there are fewer than two.");
    }

    /// <summary>Those that can be made at once: each way in which a source is measured, and what needs none of them.</summary>
    public int? PartCount => recipe.Harvest!.Layers.Sum(layer => 1 + SourceEffects.Ways.Count * (Sources(layer).Count() - 1)
        + (DictionaryReplicas.Of(recipe, layer).Count > 0 ? 1 : 0) + (HasCurves ? 1 : 0));

    public IReadOnlyList<StagePart> Parts(RunContext context)
    {
        List<StagePart> parts = [];
        IReadOnlyList<string> layers = recipe.Harvest!.Layers;
        for (int i = 0; i < layers.Count; i++)
        {
            string layer = layers[i];
            string[] sources = [.. Sources(layer)];
            for (int j = 0; j < sources.Length; j++)
            {
                // Of latents both ways of measuring them by themselves; then what needs both.
                string source = sources[j], last = $"effects-{i}-{j}";
                string[] ways = source == UnitGroup.NeuronsName ? [] : [.. SourceEffects.Ways.Select(way => $"{way}-{i}-{j}")];
                for (int w = 0; w < ways.Length; w++)
                {
                    int way = w;
                    parts.Add(new StagePart(ways[way], scratch => Effects(
                        context, layer, source, StageScratch.Beside(scratch, last), effects => effects.Find(way))));
                }
                parts.Add(new StagePart(last, scratch => Effects(context, layer, source, scratch, effects => effects.Write())) { After = ways });
            }
            if (DictionaryReplicas.Of(recipe, layer) is { Count: > 0 } replicas)
                parts.Add(new StagePart($"replication-{i}", _ => Replicate(context, layer, replicas)));
            if (HasCurves) parts.Add(new StagePart($"curves-{i}", _ => Curves(context, layer, sources)));
        }
        return parts;
    }

    public StageCost Cost(RunContext context, MachineSpeed speed)
    {
        double look = speed.Networks.Evaluation(recipe.Model, context.Validation), seconds = 0;
        long bytes = 0;
        int images = Math.Min(proof.Images, Count(context));
        foreach (string layer in recipe.Harvest!.Layers)
        {
            int sources = Sources(layer).Count();
            // At most: that every unit costs a pass of what follows its layer on every image, which is about half of the network, and those
            // whose prediction fails, half of them, some more on some images.
            double passes = images + 3.5 * Math.Min(images, EffectReasons.MostImages);
            seconds += look * (passes * 0.5 * Math.Min(proof.Units, 100) * (2 * sources - 1) + images * 3 * (1 + proof.IntegrationSteps));
            seconds += images * look * proof.Units * DictionaryReplicas.Of(recipe, layer).Count;
            if (proof.Firing > 0) seconds += sources * look * (proof.Firing * (3 * 16 + 12 * 17) + images);
            // A row of numbers a unit, and the pictures of what makes the first of them fire.
            bytes += sources * (20_000L + 400L * proof.Units + 30_000L * proof.Firing);
            if (HasCurves) seconds += Math.Min(proof.CurveImages, Count(context)) * look * 18 * (sources + Baselines.Length);
        }
        return new StageCost(seconds, images * (long)recipe.Harvest.Layers.Count, 0, bytes);
    }

    public string Summary(RunFolder run) => string.Join("; ",
        from layer in recipe.Harvest!.Layers
        from source in Sources(layer)
        let file = Path.Combine(run.ProofOf(layer, source), EffectsDocument.FileName)
        // A dictionary that was trained later was not put to the test.
        where File.Exists(file)
        let document = DocumentFile.Read<EffectsDocument>(file)
        let first = document.Agreement[0]
        select FormattableString.Invariant(
            $"{layer}/{source}: {first.Clear} of {document.Measured} units have a clear effect, predicted with r = {first.Gradient:0.00}"));

    private IEnumerable<string> Sources(string layer) => recipe.Dictionary.Where(dictionary => dictionary.Layer == layer)
        .Select(dictionary => dictionary.Name).Prepend(UnitGroup.NeuronsName);

    private static int Count(RunContext context) => RunSources.EvaluationCount(context);

    private bool HasCurves => proof.CurveClasses > 0 && !HasNoClasses;

    private bool HasNoClasses => recipe.Model.Classes == NetworkClasses.None;

    private bool OfPredictedClass => !HasNoClasses && !NetworkClasses.AreOfImages(recipe.Model);

    private void Effects(RunContext context, string layer, string source, string scratch, Action<SourceEffects> make)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(layer));
        var (images, all) = Images(context, store);
        using var effects = new SourceEffects(context, proof, layer, source, images, Options(Chosen(all)), scratch);
        make(effects);
    }

    private void Replicate(RunContext context, string layer, IReadOnlyList<(string A, string B)> replicas)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(layer));
        var (images, all) = Images(context, store);
        int[] chosen = Chosen(all);
        DictionaryReplicas.Write(context, StageName, layer, replicas, images, Options(chosen));
    }

    private int[] Chosen(IReadOnlyList<int> all) => EffectImages.Draw(all, proof.Images, recipe.Seed);

    private EffectStudyOptions Options(int[] chosen) => new()
    {
        Images = chosen,
        Units = proof.Units,
        IntegrationSteps = proof.IntegrationSteps,
        OfPredictedClass = OfPredictedClass,
        OfAnswer = HasNoClasses,
        Seed = recipe.Seed,
    };

    private void Curves(RunContext context, string layer, IReadOnlyList<string> sources)
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(layer));
        var (images, all) = Images(context, store);
        var options = new CurveOptions
        {
            Classes = proof.CurveClasses,
            Images = proof.CurveImages,
            IntegrationSteps = proof.IntegrationSteps,
            OfPredictedClass = OfPredictedClass,
            Seed = recipe.Seed,
        };
        if (!EffectCurves.HasImages(context.Network, images, all, options, context.Cancellation))
        {
            context.LogOnce(
                $"Curves are left out: the {all.Count} images that no dictionary was trained on are of fewer than two classes.");
            return;
        }
        List<IFeatureDictionary> opened = [];
        try
        {
            List<CurveUnits> units = [];
            foreach (string source in sources)
            {
                if (source == UnitGroup.NeuronsName) units.Add(new CurveUnits(source, null));
                else units.Add(new CurveUnits(source, Open(AutoencoderFile.Load(context.Run.Dictionary(layer, source), context.Device))));
            }
            var (training, _) = store.Draws(store.Manifest.MainFilter);
            foreach (string name in Baselines)
            {
                FittedDictionary fitted = BaselineDictionaries.Fit(
                    name, store, training, new BaselineOptions { Seed = recipe.Seed }, context.Cancellation);
                Open(fitted);
                fitted.MoveTo(context.Device);
                units.Add(new CurveUnits(name, fitted, IsBaseline: true));
            }
            CurvesDocument document = EffectCurves.Measure(
                context.Network, layer, units, images, all, options, (done, total) => context.Report(StageName, done, total, "classes", $"curves of {layer}"), context.Cancellation);
            DocumentFile.Write(Path.Combine(context.Run.ProofOf(layer), CurvesDocument.FileName), document);
        }
        finally
        {
            foreach (IFeatureDictionary dictionary in opened) dictionary.Dispose();
        }

        IFeatureDictionary Open(IFeatureDictionary dictionary)
        {
            opened.Add(dictionary);
            return dictionary;
        }
    }

    private static (IImageSource Images, IReadOnlyList<int> All) Images(RunContext context, ActivationStore store)
    {
        var (source, images) = RunSources.EvaluationImages(context.Validation, context.Harvested, store);
        return (source, images ?? [.. Enumerable.Range(0, source.Count)]);
    }
}
