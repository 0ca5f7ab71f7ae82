using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs.Settings;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using static TorchSharp.torch;

namespace Fovea.Runs;

/// <summary>
/// Makes a <see cref="PictureRequest"/> the subject of pictures of a run, with all that it needs to live; the network stays the caller's.
/// </summary>
public sealed class RunSubject : IDisposable
{
    /// <summary>More of a name would not fit a file's, with what stands round it.</summary>
    private const int LongestName = 110;

    private readonly RunFolder _run;
    private readonly WorkflowSettings _settings;
    private readonly ImageModel _model;
    private readonly PictureRequest _request;
    private IDisposable? _owned;

    private RunSubject(RunFolder run, WorkflowSettings settings, ImageModel model, PictureRequest request)
    {
        (_run, _settings, _model, _request) = (run, settings, model, request);
        Source = request.Kind == PictureKind.Units ? request.Source : request.Kind.ToString().ToLowerInvariant();
        Layer = request.Kind == PictureKind.Logits
            ? model.Head : LayerOf(request.Kind == PictureKind.Units && request.Source != UnitGroup.NeuronsName);
    }

    /// <summary>The layer whose folder the pictures go to.</summary>
    public string Layer { get; }

    /// <summary>The source of units, or the kind of pictures: the folder in it.</summary>
    public string Source { get; }

    /// <summary>What the pictures are of.</summary>
    public PictureSubject Subject { get; private set; } = null!;

    /// <summary>What people call each picture's unit.</summary>
    public IReadOnlyList<string> Titles { get; private set; } = [];

    /// <summary>Reads what the request names: a dictionary, a file of directions, images.</summary>
    /// <param name="run">The run.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="model">Its network.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="size">Side of the pictures in pixels.</param>
    /// <exception cref="FoveaException">Something named is not there.</exception>
    public static RunSubject Open(RunFolder run, WorkflowSettings settings, ImageModel model, PictureRequest request, int size)
    {
        var opened = new RunSubject(run, settings, model, request);
        try
        {
            Parts parts = request.Kind switch
            {
                PictureKind.Logits => opened.Logits(),
                PictureKind.Dream => opened.Dream(),
                PictureKind.Directions => opened.Directions(),
                PictureKind.Inversion => opened.Inversion(size),
                _ => opened.Units(),
            };
            string network = $"network {DocumentFile.Read<ModelDocument>(Path.Combine(run.Model, ModelFile.DescriptionName)).Sha256}";
            opened.Subject = new PictureSubject(
                opened.Source, parts.Objective, opened.Repeat([.. parts.Files.Select(Short)]),
                    opened.Repeat([.. parts.Inputs.Select(input => network + input + (request.Changes.Length > 0 ? $"; {request.Changes}" : ""))]));
            opened.Titles = opened.Repeat(parts.Titles);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _owned?.Dispose();

    private Parts Units()
    {
        UnitGroup group = RunUnits.Open(_run, _settings, Layer, _request.Source, _model.Device);
        _owned = group.Autoencoder;
        IReadOnlyList<FeatureExpression> features = _request.Features;
        string[] names = [.. features.Select(feature => feature.Name)];
        string input = group.IsDictionary
            ? $"; dictionary {Hash(Path.Combine(_run.Dictionary(Layer, group.Name), AutoencoderFile.WeightsName))}" : "";
        // Sums are built one by one: the first unit of a sum names its random numbers, and may stand first in another sum as well.
        IObjective objective = features.All(feature => feature.IsUnit)
            ? Finished(Of([.. features.Select(feature => feature.Terms[0].Unit)]))
            : Objective.Each(features.Select(feature => Finished(feature.Sum(unit => Of([unit])))));
        return new Parts(objective, names, names, [.. names.Select(_ => input)]);

        IObjective Of(IReadOnlyList<int> units) => group.Autoencoder is { } autoencoder
            ? new LatentObjective(Layer, autoencoder, Repeat(units), _request.Target, _request.Position, _request.Similarity)
            : new UnitObjective(Layer, Repeat(units), _request.Position);
    }

    private Parts Logits()
    {
        ClassList classes = _model.RequireClasses();
        int[] indices = [.. _request.Names.SelectMany(word => ClassNames.Find(classes, word)).Distinct()];
        return new Parts(Finished(new LogitObjective(_model, Repeat(indices))),
            [.. indices.Select(index => $"logit-{index}")], [.. indices.Select(index => classes[index].Name)],
                [.. indices.Select(_ => "")]);
    }

    private Parts Dream() => new(Finished(new DeepDreamObjective(Layer, _request.Replicas)), [$"dream-{Layer}"], [Layer], [""]);

    private Parts Directions()
    {
        Tensor all = Own(VectorFile.Read(_request.Directions!));
        int[] rows = _request.Features.Count == 0 ? [.. Enumerable.Range(0, (int)all.shape[0])] : [.. _request.Features.Select(Row)];
        string[] file = _request.Directions!.Split('#', 2);
        string stem = string.Join(
            '-', [Path.GetFileNameWithoutExtension(file[0]), .. file.Skip(1).Select(tensor => tensor.Replace('/', '-'))]);
        double[][] vectors = [.. rows.Select(row => Numbers(all, row))];
        Tensor chosen = Own(Rows(all, Repeat(rows)));
        return new Parts(Finished(new DirectionObjective(Layer, chosen, Repeat(rows), _request.Similarity, _request.Position)),
            [.. rows.Select(row => $"direction-{stem}-{row}")], [.. rows.Select(row => $"{stem} {row}")],
            [.. vectors.Select(vector => $"; direction {Hash(vector)}")]);

        int Row(FeatureExpression feature) => feature.IsUnit && feature.Terms[0].Unit < all.shape[0] ? feature.Terms[0].Unit
            : throw FoveaException.BadConfiguration(
                $"{feature.Name} is no row of {_request.Directions}, which has {all.shape[0]}, counted from 0.");
    }

    private Parts Inversion(int size)
    {
        var images = _request.Names.Distinct().Select(name => RunImages.Find(_settings, name)).ToArray();
        using Tensor targets = StoredActivations.Of(_model, Layer, [.. images.Select(image => image.Image)], size);
        IReadOnlyList<int> numbers = Repeat([.. Enumerable.Range(0, images.Length)]);
        return new Parts(Finished(new InversionObjective(Layer, Own(Rows(targets, numbers)), _request.Similarity, numbers)),
            [.. images.Select((image, i) => $"inverse-{i}-{Path.GetFileNameWithoutExtension(image.Id)}")],
                [.. images.Select(image => image.Id)],
            [.. images.Select(image => $"; image {image.Id}, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(image.Image.Pixels))}")]);
    }

    /// <summary>What holds for every kind: the sign, and the pictures of a unit pushed apart.</summary>
    private IObjective Finished(IObjective objective)
    {
        if (_request.Negative) objective = -objective;
        if (_request.Diversity == 0) return objective;
        return Objective.Diverse(objective, _request.Diversity, _request.Kind == PictureKind.Logits ? LayerOf(harvested: false) : Layer);
    }

    private string LayerOf(bool harvested)
    {
        if (harvested) return RunUnits.Layer(_settings, _request.Layer);
        string layer = _request.Layer ?? RunUnits.Layer(_settings, null);
        _model.Layer(layer); // an unknown one is refused with the nearest names
        return layer;
    }

    private Tensor Own(Tensor tensor)
    {
        _owned?.Dispose();
        _owned = tensor;
        return tensor;
    }

    private IReadOnlyList<T> Repeat<T>(IReadOnlyList<T> each) => [.. each.SelectMany(one => Enumerable.Repeat(one, _request.Replicas))];

    private static Tensor Rows(Tensor all, IReadOnlyList<int> rows)
    {
        using Tensor index = tensor([.. rows], int64, device: all.device);
        return all.index_select(0, index);
    }

    private static double[] Numbers(Tensor matrix, int row)
    {
        using var scope = NewDisposeScope();
        return matrix.select(0, row).to(float64).data<double>().ToArray();
    }

    /// <summary>A long sum's or file's name by its beginning and its hash.</summary>
    private static string Short(string name) => name.Length <= LongestName
        ? name
        : $"{name[..(LongestName - 17)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16]}";

    private static string Hash(string path)
    {
        using FileStream file = PlainFile.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static string Hash(double[] numbers) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(numbers.AsSpan())));

    /// <summary>
    /// An objective for all pictures, and of each unit once: its part of file names, its title, and what it was made from.
    /// </summary>
    private sealed record Parts(
        IObjective Objective, IReadOnlyList<string> Files, IReadOnlyList<string> Titles, IReadOnlyList<string> Inputs);
}
