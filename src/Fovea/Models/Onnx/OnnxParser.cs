namespace Fovea.Models.Onnx;

/// <summary>
/// The messages of ONNX (https://onnx.ai/onnx/repo-docs/IR.html, onnx.proto). Fields that are not needed are passed over, those of later
/// versions too.
/// </summary>
internal sealed class OnnxParser(ProtoReader reader)
{
    private const int MostParts = 1 << 20;
    private const int MostNumbers = 1 << 22;
    private int _parts;

    /// <summary>The whole file.</summary>
    public OnnxModel Read()
    {
        if (reader.Length == 0) throw reader.Bad("it is empty");
        var model = new OnnxModel { Bytes = reader.Length };
        for (int field; (field = reader.Next()) != 0;)
        {
            switch (field)
            {
                case 1: model.Version = reader.Whole(); break;
                case 2: model.Producer = reader.Text(); break;
                case 3: model.ProducerVersion = reader.Text(); break;
                // A message that stands twice is one: the second adds to the first.
                case 7: Part(_ => Graph(model.Graph ??= new OnnxGraph())); break;
                case 8: Part(_ => Opset(model.Opsets)); break;
                case 25: Part(_ => Function(model)); break;
                default: reader.Skip(); break;
            }
        }
        return model;
    }

    private bool Graph(OnnxGraph graph)
    {
        for (int field; (field = reader.Next()) != 0;)
        {
            switch (field)
            {
                case 1: graph.Nodes.Add(Part(Node)); break;
                case 2: graph.Name = reader.Text(); break;
                case 5: graph.Tensors.Add(Part(Tensor)); break;
                case 11: graph.Inputs.Add(Part(Value)); break;
                case 12: graph.Outputs.Add(Part(Value)); break;
                case 13:
                    OnnxValueInfo value = Part(Value);
                    graph.Values.TryAdd(value.Name, value);
                    break;
                case 15: graph.Sparse.Add(Part(Sparse)); break;
                default: reader.Skip(); break;
            }
        }
        return true;
    }

    private OnnxNode Node(ProtoReader _)
    {
        var node = new OnnxNode();
        for (int field; (field = reader.Next()) != 0;)
        {
            switch (field)
            {
                case 1: node.Inputs.Add(Counted(reader.Text())); break;
                case 2: node.Outputs.Add(Counted(reader.Text())); break;
                case 3: node.Name = reader.Text(); break;
                case 4: node.Operator = reader.Text(); break;
                case 5:
                    OnnxAttribute attribute = Part(Attribute);
                    if (attribute.Name.Length == 0) throw reader.Bad($"an attribute of {node.Operator} {node.Name} has no name");
                    if (!node.Attributes.TryAdd(attribute.Name, attribute))
                        throw reader.Bad($"{node.Operator} {node.Name} has two attributes {attribute.Name}");
                    break;
                case 7: node.Domain = Domain(reader.Text()); break;
                case 9: Part(_ => Note(node.Notes)); break;
                default: reader.Skip(); break;
            }
        }
        return node;
    }

    private OnnxAttribute Attribute(ProtoReader _)
    {
        var attribute = new OnnxAttribute();
        long found = 0;
        for (int field; (field = reader.Next()) != 0;)
        {
            switch (field)
            {
                case 1: attribute.Name = reader.Text(); break;
                case 2: (attribute.Number, found) = (reader.Single(), 1); break;
                case 3: (attribute.Whole, found) = (reader.Whole(), 2); break;
                case 4: (attribute.Text, found) = (reader.Text(), 3); break;
                case 5: (attribute.Tensor, found) = (Part(Tensor), 4); break;
                case 6:
                    found = 5;
                    Part(_ => Graph(attribute.Graph ??= new OnnxGraph()));
                    break;
                case 7:
                    found = 6;
                    reader.Singles(attribute.Numbers, MostNumbers);
                    break;
                case 8:
                    found = 7;
                    reader.Wholes(attribute.Wholes, MostNumbers);
                    break;
                case 9:
                    found = 8;
                    attribute.Texts.Add(Counted(reader.Text()));
                    break;
                case 20: attribute.Kind = reader.Whole(); break;
                case 21: attribute.Reference = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }
        // The first files did not say the kind.
        if (attribute.Kind == 0) attribute.Kind = found;
        return attribute;
    }

    private OnnxTensor Tensor(ProtoReader _)
    {
        var tensor = new OnnxTensor();
        for (int field; (field = reader.Next()) != 0;)
        {
            switch (field)
            {
                case 1: reader.Wholes(tensor.Sizes, 64); break;
                case 2: tensor.Type = reader.Whole(); break;
                case 3:
                    tensor.IsSegment = true;
                    reader.Skip();
                    break;
                case 4 or 5 or 7 or 10 or 11: Numbers(tensor, field); break;
                case 6:
                    tensor.HasTexts = true;
                    reader.Skip();
                    break;
                case 8: tensor.Name = reader.Text(); break;
                case 9: tensor.Raw = reader.Bytes(); break;
                case 13: Part(_ => Note(tensor.Outside)); break;
                case 14: tensor.IsOutside = reader.Whole() == 1; break;
                default: reader.Skip(); break;
            }
        }
        return tensor;
    }

    private void Numbers(OnnxTensor tensor, int field)
    {
        if (reader.IsBytes) tensor.Packed.Add((field, reader.Bytes()));
        else if (field == 4) reader.Singles(tensor.Numbers, MostNumbers);
        else if (field != 10) reader.Wholes(tensor.Wholes, MostNumbers);
        else throw reader.Bad($"double numbers of the tensor {tensor.Name} are not packed");
    }

    private OnnxValueInfo Value(ProtoReader _)
    {
        var value = new OnnxValueInfo();
        for (int field; (field = reader.Next()) != 0;)
        {
            switch (field)
            {
                case 1: value.Name = reader.Text(); break;
                case 2: Part(_ => Type(value)); break;
                case 4: Part(_ => Note(value.Notes)); break;
                default: reader.Skip(); break;
            }
        }
        return value;
    }

    private bool Type(OnnxValueInfo value)
    {
        for (int field; (field = reader.Next()) != 0;)
        {
            if (field == 1) Part(_ => TensorType(value));
            else reader.Skip();
        }
        return true;
    }

    private bool TensorType(OnnxValueInfo value)
    {
        for (int field; (field = reader.Next()) != 0;)
        {
            if (field == 1) value.Type = reader.Whole();
            else if (field == 2) value.Sizes = Part(Sizes);
            else reader.Skip();
        }
        return true;
    }

    private List<OnnxDimension> Sizes(ProtoReader _)
    {
        List<OnnxDimension> sizes = [];
        for (int field; (field = reader.Next()) != 0;)
        {
            if (field == 1) sizes.Add(Part(Dimension));
            else reader.Skip();
            if (sizes.Count > 64) throw reader.Bad("a value has more than 64 dimensions");
        }
        return sizes;
    }

    private OnnxDimension Dimension(ProtoReader _)
    {
        var size = new OnnxDimension(null, "");
        for (int field; (field = reader.Next()) != 0;)
        {
            if (field == 1) size = new OnnxDimension(reader.Whole(), "");
            else if (field == 2) size = new OnnxDimension(null, reader.Text());
            else reader.Skip();
        }
        return size;
    }

    private string Sparse(ProtoReader _)
    {
        string name = "";
        for (int field; (field = reader.Next()) != 0;)
        {
            if (field == 1) name = Part(Tensor).Name;
            else reader.Skip();
        }
        return name;
    }

    private bool Opset(Dictionary<string, long> opsets)
    {
        (string domain, long version) = ("", 0);
        for (int field; (field = reader.Next()) != 0;)
        {
            if (field == 1) domain = Domain(reader.Text());
            else if (field == 2) version = reader.Whole();
            else reader.Skip();
        }
        opsets[domain] = version;
        return true;
    }

    private bool Function(OnnxModel model)
    {
        var function = new OnnxFunction();
        for (int field; (field = reader.Next()) != 0;)
        {
            switch (field)
            {
                case 1: function.Name = reader.Text(); break;
                case 4: function.Inputs.Add(Counted(reader.Text())); break;
                case 5: function.Outputs.Add(Counted(reader.Text())); break;
                case 7: function.Nodes.Add(Part(Node)); break;
                case 9: Part(_ => Opset(function.Opsets)); break;
                case 10: function.Domain = Domain(reader.Text()); break;
                case 11: function.Defaults.Add(Part(Attribute)); break;
                default: reader.Skip(); break;
            }
        }
        model.Functions.TryAdd((function.Domain, function.Name), function);
        return true;
    }

    private bool Note(Dictionary<string, string> notes)
    {
        (string key, string value) = ("", "");
        for (int field; (field = reader.Next()) != 0;)
        {
            if (field == 1) key = reader.Text();
            else if (field == 2) value = reader.Text();
            else reader.Skip();
        }
        // What the exporter's machine was like is kept nowhere.
        if (!key.EndsWith("stack_trace", StringComparison.Ordinal)) notes[key] = value;
        return true;
    }

    /// <summary>The usual domain has two spellings.</summary>
    private static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;

    private T Counted<T>(T part) => ++_parts <= MostParts ? part : throw reader.Bad($"it has more than {MostParts} parts");

    private T Part<T>(Func<ProtoReader, T> read) => Counted(reader.Message(read));
}
