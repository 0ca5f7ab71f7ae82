using System.Runtime.InteropServices;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// A step by libtorch's operations on the autoencoder's own tensors, wherever they are: <see cref="DenseStep"/> and
/// <see cref="TensorStep"/> differ in how they come to the gradients, not in what is done with them.
/// </summary>
internal abstract partial class OperationStep : IAutoencoderStep
{
    private readonly Adam _adam;
    private readonly DeadLatents _dead;
    private long _steps;

    protected OperationStep(SparseAutoencoder autoencoder)
    {
        Autoencoder = autoencoder;
        autoencoder.RequireGradients(true);
        _dead = new DeadLatents(autoencoder.LatentSize, autoencoder.AuxiliaryLoss.DeadAfter);
        _shared = new ShardSums(autoencoder.InputSize, autoencoder.LatentSize);
        _adam = new Adam(autoencoder.TrainableParameters.Select(pair => (pair.Key, pair.Value)));
    }

    /// <summary>What is trained.</summary>
    protected SparseAutoencoder Autoencoder { get; }

    /// <inheritdoc/>
    public double GradientClip { get; set; }

    /// <inheritdoc/>
    public BatchShards? Shards { get; set; }

    /// <inheritdoc/>
    public void Train(ReadOnlySpan<float> vectors, double scale, double sparsityScale, double learningRate, AutoencoderMetrics metrics)
    {
        using var scope = NewDisposeScope();
        Autoencoder.DeadLatents = _dead.List;
        _adam.ZeroGrad();
        if (Shards is null) DifferentiateWhole(Scaled(vectors, scale), sparsityScale, metrics);
        else DifferentiateShards(Shards, vectors, scale, sparsityScale, metrics);
        Autoencoder.BeforeStep();
        if (GradientClip > 0) GradientClipping.Clip(Autoencoder.TrainableParameters.Values, GradientClip);
        _adam.Step(learningRate);
        Autoencoder.AfterStep();
    }

    private void DifferentiateWhole(Tensor x, double sparsityScale, AutoencoderMetrics metrics)
    {
        using (var loss = Differentiate(x, sparsityScale))
        {
            // Curves show the objective itself, so the penalty is taken at full strength during its warm-up too.
            metrics.Add(x, loss.Output, loss.Codes, Number(loss.Reconstruction), Number(loss.Sparsity) / sparsityScale
                + Number(loss.Auxiliary));
            Autoencoder.Observe(loss, ++_steps);
            _dead.Count(Fired(loss.Codes), (int)x.shape[0]);
        }
    }

    /// <summary>Not 0 for each latent that is active in some row.</summary>
    private static byte[] Fired(Tensor codes)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        return codes.ne(0).any(0).to_type(ScalarType.Byte).cpu().data<byte>().ToArray();
    }

    /// <inheritdoc/>
    public void Publish()
    {
    }

    /// <inheritdoc/>
    public void Refresh() => FiniteWeights.Require(Autoencoder);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> ExportState() =>
        new Dictionary<string, Tensor>(_adam.ExportState(), StringComparer.Ordinal) { [DeadLatents.StateName] = _dead.Export() };

    /// <inheritdoc/>
    public void ImportState(IReadOnlyDictionary<string, Tensor> state)
    {
        _adam.ImportState(state);
        _dead.Import(state);
        _steps = StateTensors.Find(state, "step." + Autoencoder.TrainableParameters.Keys.First(), int64).item<long>();
    }

    public virtual void Dispose()
    {
        _sums.Dispose();
        _shared.Dispose();
        _adam.Dispose();
        Autoencoder.RequireGradients(false);
    }

    /// <summary>The parameters that <see cref="Differentiate"/> leaves gradients with.</summary>
    protected abstract IReadOnlyList<Tensor> Differentiated { get; }

    /// <summary>The objective on a batch; leaves its gradients with the trained parameters, which have none before.</summary>
    /// <param name="x"><c>[rows, d]</c>, scaled.</param>
    /// <param name="sparsityScale">Factor of the penalty.</param>
    protected abstract AutoencoderLoss Differentiate(Tensor x, double sparsityScale);

    private static double Number(Tensor scalar)
    {
        using var here = scalar.cpu();
        return here.dtype == ScalarType.Float32 ? here.item<float>() : here.item<double>();
    }

    private Tensor Scaled(ReadOnlySpan<float> vectors, double scale)
    {
        var x = empty(vectors.Length / Autoencoder.InputSize, Autoencoder.InputSize);
        vectors.CopyTo(MemoryMarshal.Cast<byte, float>(x.bytes));
        return x.mul_((float)scale).to(Autoencoder.DType, Autoencoder.Device);
    }
}
